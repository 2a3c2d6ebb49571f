/** A browser for tests: cookies and redirects, with hosts led to programs on this machine. */
import { request } from "node:http";

/** What a request was answered with. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly location: string | undefined;
  readonly setCookies: readonly string[];
  readonly body: string;
}

/** One person's browser, with the cookies of every site. */
export interface TestBrowser {
  /** Sends one request and follows nothing; `form` makes it a POST from a page of that site. */
  open(url: string, form?: Readonly<Record<string, string>>, headers?: Readonly<Record<string, string>>): Promise<Page>;
  /** Opens and follows redirects until a page comes, or until one leads to an address that begins with `until`. */
  visit(url: string, until?: string): Promise<Page>;
  /** Follows what was answered, as {@link visit} does. */
  follow(page: Page, until?: string): Promise<Page>;
  cookie(origin: string, name: string): string | undefined;
  plant(origin: string, name: string, value: string): void;
}

/** `ports` says where each origin answers on 127.0.0.1. */
export function createBrowser(ports: Readonly<Record<string, number>>): TestBrowser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (origin: string): Map<string, string> => {
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    return jar;
  };

  const open: TestBrowser["open"] = async (address, form, headers = {}) => {
    const url = new URL(address);
    const port = ports[url.origin];
    if (port === undefined) throw new Error(`the browser was led to ${url.origin}`);
    const jar = jarOf(url.origin);
    const body = form === undefined ? undefined : new URLSearchParams(form).toString();
    const sent = {
      host: url.host,
      "x-forwarded-proto": "https",
      "x-forwarded-host": url.host,
      cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
      ...(body === undefined ? {} : { origin: url.origin, "content-type": "application/x-www-form-urlencoded", "content-length": String(Buffer.byteLength(body)) }),
      ...headers,
    };
    return await new Promise((resolve, reject) => {
      const path = url.pathname + url.search;
      request({ host: "127.0.0.1", port, path, method: body === undefined ? "GET" : "POST", headers: sent, agent: false }, (message) => {
        const parts: Buffer[] = [];
        message.on("data", (part: Buffer) => void parts.push(part));
        message.on("error", reject);
        message.on("end", () => {
          const setCookies = message.headers["set-cookie"] ?? [];
          for (const line of setCookies) {
            const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
            if (value === "") jar.delete(name);
            else jar.set(name, value);
          }
          const { location } = message.headers;
          const leadsTo = location === undefined ? undefined : new URL(location, url).href;
          resolve({ url: url.href, status: message.statusCode ?? 0, location: leadsTo, setCookies, body: Buffer.concat(parts).toString() });
        });
      })
        .on("error", reject)
        .end(body);
    });
  };

  const follow: TestBrowser["follow"] = async (start, until) => {
    let page = start;
    for (let step = 0; step < 12 && page.location !== undefined; step += 1) {
      if (until !== undefined && page.location.startsWith(until)) return page;
      page = await open(page.location);
    }
    if (page.location !== undefined) throw new Error(`redirects don't end: ${page.location}`);
    return page;
  };

  return {
    open,
    follow,
    visit: async (url, until) => await follow(await open(url), until),
    cookie: (origin, name) => jarOf(origin).get(name),
    plant: (origin, name, value) => void jarOf(origin).set(name, value),
  };
}

/** The token that forms of a page carry. */
export const tokenOf = (page: Page): string => /name="token" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
