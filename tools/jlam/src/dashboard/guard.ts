/** Who may ask the dashboard. Its logs can tell of people, and any page in the browser can send it requests. Pure. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** What a request is refused with. */
export interface Refusal {
  readonly status: 401 | 403 | 405 | 421;
  readonly message: string;
}

/** As much of a request as decides. */
export interface Asked {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Whether the answer tells of the environment; the page itself, which is empty, tells nothing. */
  readonly tells: boolean;
}

/**
 * Refuses a name that isn't the dashboard's own (a page of another site whose name was led to 127.0.0.1), a request that
 * another site's page sends, every method but GET, and whoever doesn't know the token.
 */
export function refusalOf({ method, headers, tells }: Asked, { port, token }: { readonly port: number; readonly token: string }): Refusal | undefined {
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(headers.host ?? "")) return { status: 421, message: "This isn't the address that `jlam dashboard` prints." };
  const from = headers["sec-fetch-site"];
  if (from !== undefined && from !== "same-origin" && from !== "none") return { status: 403, message: "Another site's page asked." };
  if (method !== "GET") return { status: 405, message: "Here is only something to look at." };
  if (tells && !isToken(headers.authorization, token)) return { status: 401, message: "Open the address that `jlam dashboard` prints: it ends with a token." };
  return undefined;
}

/** Compares in a time that tells nothing of how much is right. */
function isToken(authorization: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(authorization ?? ""), digest(`Bearer ${token}`));
}
