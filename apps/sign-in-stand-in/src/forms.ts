import type { IncomingMessage, ServerResponse } from "node:http";

/** Far more than a name and a password need, in bytes. */
const LARGEST_FORM = 4_096;

/** The form that a page sent; undefined when it is too large. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  let text = "";
  for await (const part of request) {
    text += String(part);
    if (text.length > LARGEST_FORM) return undefined;
  }
  return new URLSearchParams(text);
}

/** A cookie of the request. */
export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  const parts = (request.headers.cookie ?? "").split(";").map((part) => part.trim());
  return parts.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Answers with a page that may load nothing and be framed by nobody. */
export function sendPage(response: ServerResponse, status: number, markup: string): void {
  response
    .writeHead(status, {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    })
    .end(markup);
}

/** Answers with a redirect, and perhaps cookies. */
export function sendRedirect(response: ServerResponse, location: string, cookies: readonly string[] = []): void {
  response.writeHead(302, { location, "cache-control": "no-store", ...(cookies.length === 0 ? {} : { "set-cookie": [...cookies] }) }).end();
}
