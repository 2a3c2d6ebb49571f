import type { IncomingMessage, ServerResponse } from "node:http";

/** Far more than a form or a request for tokens needs, in bytes. */
const LARGEST_BODY = 16_384;

/** What a request carries; undefined when it is too large. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) return undefined;
    size += part.length;
    if (size > LARGEST_BODY) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The form that a page sent; empty when it is too large. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams((await readBody(request))?.toString());
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
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
    })
    .end(markup);
}

/** Answers with a redirect, and perhaps cookies. */
export function sendRedirect(response: ServerResponse, location: string, cookies: readonly string[] = []): void {
  response.writeHead(302, { location, "cache-control": "no-store", ...(cookies.length === 0 ? {} : { "set-cookie": [...cookies] }) }).end();
}
