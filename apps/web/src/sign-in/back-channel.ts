import { request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";

/** Says that the provider can't be reached, or that it fails itself. */
export class ProviderUnavailable extends Error {
  override readonly name = "ProviderUnavailable";
}

/** How long the provider may take for one answer, in milliseconds; somebody waits for the page. */
const ANSWER_LIMIT = 4_000;

/** No answer of a provider comes near; a document of keys has some thousand bytes. */
const LARGEST_ANSWER = 512 * 1024;

/** What openid-client and jose both ask of a replacement of `fetch`. */
export type BackChannel = (url: string, options: BackChannelRequest) => Promise<Response>;

interface BackChannelRequest {
  readonly method?: string;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly body?: unknown;
  readonly signal?: AbortSignal | null | undefined;
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message) {
    if (!Buffer.isBuffer(part)) throw new ProviderUnavailable("the answer is not made of bytes");
    size += part.length;
    if (size > LARGEST_ANSWER) throw new ProviderUnavailable(`the answer has more than ${LARGEST_ANSWER} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function send(url: URL, target: URL, options: BackChannelRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = { ...Object.fromEntries(new Headers(options.headers)), host: url.host, "x-forwarded-proto": "https" };
  const body = options.body instanceof URLSearchParams ? options.body.toString() : options.body;
  if (body !== undefined && body !== null && typeof body !== "string") throw new TypeError("a body must be text");
  const request = target.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const { hostname, port, protocol } = target;
    const sent = request({ hostname, port, protocol, path: url.pathname + url.search, method: options.method ?? "GET", headers, signal }, resolve);
    sent.on("error", reject);
    sent.end(body ?? undefined);
  });
}

/**
 * Requests to the issuer's own origin, sent to where it answers inside as if they came through the proxy, since the
 * public name leads nowhere from in here. Not `fetch`: that doesn't let its caller say for which host a request is.
 *
 * The result throws {@link ProviderUnavailable} for every other origin, for no answer within four seconds, and for a
 * status of 500 or above; it never follows a redirect.
 */
export function createBackChannel(issuer: string, backChannel: string): BackChannel {
  const { origin } = new URL(issuer);
  const target = new URL(backChannel);
  return async (address, options) => {
    const url = new URL(address);
    if (url.origin !== origin) throw new ProviderUnavailable("the address is not one of the issuer");
    const limit = AbortSignal.timeout(ANSWER_LIMIT);
    const signal = options.signal === undefined || options.signal === null ? limit : AbortSignal.any([limit, options.signal]);
    try {
      const message = await send(url, target, options, signal);
      const status = message.statusCode ?? 500;
      if (status >= 500) {
        message.resume();
        throw new ProviderUnavailable(`answered with status ${status}`);
      }
      const body = await readBody(message);
      const type = message.headers["content-type"];
      return new Response(status === 204 || status === 304 ? null : new Uint8Array(body), { status, headers: type === undefined ? {} : { "content-type": type } });
    } catch (error) {
      throw error instanceof ProviderUnavailable ? error : new ProviderUnavailable("did not answer", { cause: error });
    }
  };
}
