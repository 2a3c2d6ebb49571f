/** A browser for tests: cookies and redirects, with hosts led to programs on this machine. */
import { request } from "node:http";

/** What a request was answered with. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** Where it leads to, as a whole address. */
  readonly location: string | undefined;
  /** As they were sent. */
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

/** One request as a browser makes it, with its cookies among the headers. */
export interface Sent {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What came back. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** A browser of programs on 127.0.0.1 that have no proxy before them; `ports` says where each origin answers. */
export function createBrowser(ports: Readonly<Record<string, number>>): TestBrowser {
  return browserOver(async ({ url, method, headers, body }) => {
    const port = ports[url.origin];
    if (port === undefined) throw new Error(`the browser was led to ${url.origin}`);
    const sent = { host: url.host, "x-forwarded-proto": "https", "x-forwarded-host": url.host, ...headers };
    return await new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port, path: url.pathname + url.search, method, headers: sent, agent: false }, (message) => {
        const parts: Buffer[] = [];
        message.on("data", (part: Buffer) => void parts.push(part));
        message.on("error", reject);
        message.on("end", () => {
          const received = Object.entries(message.headersDistinct).flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value]));
          resolve({ status: message.statusCode ?? 0, headers: new Headers(received), body: Buffer.concat(parts).toString() });
        });
      })
        .on("error", reject)
        .end(body);
    });
  });
}

/** A browser whose requests `send` takes to wherever they go. */
export function browserOver(send: (sent: Sent) => Promise<Received>): TestBrowser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (origin: string): Map<string, string> => {
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    return jar;
  };

  const open: TestBrowser["open"] = async (address, form, headers = {}) => {
    const url = new URL(address);
    const jar = jarOf(url.origin);
    const body = form === undefined ? undefined : new URLSearchParams(form).toString();
    const posted = body === undefined ? {} : { origin: url.origin, "content-type": "application/x-www-form-urlencoded", "content-length": String(Buffer.byteLength(body)) };
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const received = await send({ url, method: body === undefined ? "GET" : "POST", headers: { ...(cookie !== "" && { cookie }), ...posted, ...headers }, body });
    const setCookies = received.headers.getSetCookie();
    for (const line of setCookies) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") jar.delete(name);
      else jar.set(name, value);
    }
    const location = received.headers.get("location");
    return { ...received, url: url.href, location: location === null ? undefined : new URL(location, url).href, setCookies };
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
