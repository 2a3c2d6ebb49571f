/** A person's browser without its pages: cookies, and requests through Traefik over TLS, the certificate verified. */
import type { LookupFunction } from "node:net";
import { CookieJar } from "tough-cookie";
import { Agent, request, type Dispatcher } from "undici";
import { publishing } from "./environment.ts";

/** Names below .test need no resolver: the environment publishes on this machine's loopback. */
export const toLoopback: LookupFunction = (_, options, done) =>
  options.all ? done(null, [{ address: publishing.address, family: 4 }]) : done(null, publishing.address, 4);

export interface Answer {
  /** What was asked last. */
  readonly url: URL;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

export interface Asked {
  readonly method?: Dispatcher.HttpMethod;
  /** Sent as written, so that names keep their case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
}

export interface Browser {
  /** One request; redirects are not followed. */
  ask(url: string | URL, asked?: Asked): Promise<Answer>;
  /** Follows redirects until there is none, or one that `stop` is true of: the answer is then that redirect. */
  follow(url: string | URL, stop?: (location: URL) => boolean): Promise<Answer>;
  /** Value of a cookie that would be sent there. */
  cookie(url: string, name: string): Promise<string | undefined>;
  /** Every cookie that would be sent there, as the header says them. */
  cookies(url: string): Promise<string>;
}

/** More in a row than any sign-in makes: whoever needs them goes in circles. */
const mostRedirects = 20;

/** A browser that trusts the authority, and has no cookies yet. */
export function openBrowser(authority: string): Browser {
  const agent = new Agent({ connect: { ca: authority, lookup: toLoopback, timeout: 5_000 } });
  const jar = new CookieJar();

  const ask: Browser["ask"] = async (url, { method = "GET", headers = {}, json, form } = {}) => {
    const cookies = await jar.getCookieString(String(url));
    const response = await request(url, {
      method,
      dispatcher: agent,
      headers: {
        ...(cookies !== "" && { cookie: cookies }),
        ...(json !== undefined && { "content-type": "application/json" }),
        ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
        ...headers,
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(form !== undefined && { body: new URLSearchParams(form).toString() }),
      headersTimeout: 60_000,
      bodyTimeout: 60_000,
    });
    for (const cookie of [response.headers["set-cookie"] ?? []].flat()) await jar.setCookie(cookie, String(url));
    return { url: new URL(url), status: response.statusCode, headers: response.headers, text: await response.body.text() };
  };

  const follow: Browser["follow"] = async (url, stop = () => false) => {
    let answer = await ask(url);
    for (let count = 0; count < mostRedirects; count += 1) {
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status > 399 || typeof location !== "string") return answer;
      const next = new URL(location, answer.url);
      if (stop(next)) return { ...answer, url: next };
      answer = await ask(next);
    }
    throw new Error(`more than ${mostRedirects} redirects, the last to ${answer.url.href}`);
  };

  return { ask, follow, cookie: async (url, name) => (await jar.getCookies(url)).find(({ key }) => key === name)?.value, cookies: (url) => jar.getCookieString(url) };
}
