/** Requests that programs read in different ways: odd paths, hosts and framing, byte for byte. None gets past a door. */
import type { TestBrowser } from "@jlam/test-browser";
import { beforeAll, describe, expect, test } from "vitest";
import { domain, httpsPort } from "../stack/https.ts";
import { askRaw } from "../stack/raw.ts";
import { cookies, isSkipped, signedIn, site, standInMissing, titled, walled, walledHost } from "./person.ts";

interface Door {
  readonly host: string;
  /** A page that only the right session opens, without its first slash. */
  readonly page: string;
  /** What that page says and no other. */
  readonly secret: string;
  readonly needs: readonly string[];
  open(): Promise<{ readonly browser: TestBrowser; readonly cookie: string }>;
}

const doors: Readonly<Record<string, Door>> = {
  "the wall before metrics": {
    host: walledHost,
    page: "api/v1/status/buildinfo",
    secret: '"goVersion"',
    needs: ["prometheus"],
    async open() {
      const browser = await signedIn("operator", `${walled}/api/v1/status/buildinfo`);
      return { browser, cookie: `${cookies.wall}=${browser.cookie(walled, cookies.wall) ?? ""}` };
    },
  },
  "a member's page": {
    host: domain,
    page: "account",
    secret: "Welkom, Noor de Vries",
    needs: [],
    async open() {
      const browser = await signedIn("member");
      return { browser, cookie: `${cookies.application}=${browser.cookie(site, cookies.application) ?? ""}` };
    },
  },
};

/** Each with the page's path in place of `*`. */
const oddPaths = [
  "//*",
  "///*",
  "/./*",
  "/x/../*",
  "/x/..;/*",
  "/..;/*",
  "/%2e%2e/*",
  "/%2e/*",
  "/%2f*",
  "/x%2f..%2f*",
  "/x%5c..%5c*",
  "/\\*",
  "/*%00",
  "/*%3f",
  "/*;x=1",
  "/*/",
  "/*//",
  "/*?x=/outpost.goauthentik.io/ping",
  "/outpost.goauthentik.io/../*",
  "/outpost.goauthentik.io/..;/*",
  "/outpost.goauthentik.io/%2e%2e/*",
  "/outpost.goauthentik.io/..%2f*",
  "/outpost.goauthentik.io%2f..%2f*",
  "/outpost.goauthentik.io/ping/../../*",
  "/auth/callback/../../*",
  "/health/../*",
] as const;

for (const [name, door] of Object.entries(doors)) {
  const missing = standInMissing(...door.needs);
  describe.skipIf(isSkipped(missing))(titled(name, missing), () => {
    let cookie: string;
    const { host, page, secret } = door;
    const authority = `${host}:${httpsPort}`;
    const request = (path: string, ...headers: readonly string[]): readonly string[] => [`GET ${path} HTTP/1.1`, `Host: ${authority}`, "Connection: close", ...headers];

    beforeAll(async () => {
      ({ cookie } = await door.open());
    });

    test("opens to the right session, asked in the same way", async () => {
      const answer = await askRaw(request(`/${page}`, `Cookie: ${cookie}`), "", host);
      expect(answer.statuses).toEqual([200]);
      expect(answer.text).toContain(secret);
    });

    test.each(["/./*", "/x/../*", "/outpost.goauthentik.io/../*"])("opens to it at %s too, so that such a path would be seen to lead there", async (odd) => {
      expect((await askRaw(request(odd.replace("*", page), `Cookie: ${cookie}`), "", host)).text).toContain(secret);
    });

    test.each(oddPaths)("17: the path %s opens nothing", async (odd) => {
      const answer = await askRaw(request(odd.replace("*", page)), "", host);
      expect(answer.text).not.toContain(secret);
      expect(answer.statuses).toEqual([expect.toBeOneOf([301, 302, 303, 307, 400, 404])]);
    });

    test("17: written with letters as numbers it is the same page, with the same door", async () => {
      const coded = `/${[...page].map((letter) => (letter === "/" ? letter : `%${letter.charCodeAt(0).toString(16)}`)).join("")}`;
      expect((await askRaw(request(coded), "", host)).text).not.toContain(secret);
      expect((await askRaw(request(coded, `Cookie: ${cookie}`), "", host)).text).toContain(secret);
    });

    test.each<[string, readonly string[], string]>([
      ["without its port", [`GET /${page} HTTP/1.1`, `Host: ${host}`], host],
      ["in capitals", [`GET /${page} HTTP/1.1`, `Host: ${host.toUpperCase()}`], host],
      ["with a dot at its end", [`GET /${page} HTTP/1.1`, `Host: ${host}.`], host],
      ["with another name in TLS", [`GET /${page} HTTP/1.1`, `Host: ${authority}`], `auth.${domain}`],
      ["as a whole address", [`GET https://${authority}/${page} HTTP/1.1`, `Host: auth.${domain}`], host],
      ["of the wrong one before it", [`GET /${page} HTTP/1.1`, `Host: auth.${domain}`, `Host: ${authority}`], host],
      ["of the wrong one behind it", [`GET /${page} HTTP/1.1`, `Host: ${authority}`, `Host: auth.${domain}`], host],
      ["of nobody", [`GET /${page} HTTP/1.1`, "Host: "], host],
      ["in HTTP/1.0 without one", [`GET /${page} HTTP/1.0`], host],
      ["of a service inside", [`GET /${page} HTTP/1.1`, "Host: prometheus:9090"], host],
      ["of this machine", [`GET /${page} HTTP/1.1`, "Host: 127.0.0.1"], host],
    ])("18: the host %s opens nothing", async (_what, lines, server) => {
      const answer = await askRaw([...lines, "Connection: close"], "", server);
      expect(answer.text).not.toContain(secret);
      expect(answer.statuses).not.toContain(200);
    });

    /** A whole request of its own, that a program which reads the framing otherwise takes for the next one. */
    const hidden = `GET /${page} HTTP/1.1\r\nHost: ${authority}\r\nX-authentik-username: operator\r\n\r\n`;
    const post = (...headers: readonly string[]): readonly string[] => ["POST /health HTTP/1.1", `Host: ${authority}`, ...headers];

    test.each<[string, readonly string[], string]>([
      ["a length and chunks", post(`Content-Length: ${hidden.length + 5}`, "Transfer-Encoding: chunked"), `0\r\n\r\n${hidden}`],
      ["chunks and a length", post("Transfer-Encoding: chunked", "Content-Length: 4"), `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`],
      ["two lengths", post("Content-Length: 0", `Content-Length: ${hidden.length}`), hidden],
      ["an unknown coding", post("Transfer-Encoding: xchunked", `Content-Length: ${hidden.length}`), hidden],
      ["a coding with a blank before its colon", post("Transfer-Encoding : chunked", `Content-Length: ${hidden.length + 5}`), `0\r\n\r\n${hidden}`],
      ["a coding on a folded line", post("Transfer-Encoding:", " chunked", `Content-Length: ${hidden.length + 5}`), `0\r\n\r\n${hidden}`],
      ["a length with a sign", post(`Content-Length: +${hidden.length}`), hidden],
      ["a length in a request without a body", request("/health", `Content-Length: ${hidden.length}`).filter((line) => !line.startsWith("Connection")), hidden],
      ["a second request behind the first", request("/health").filter((line) => !line.startsWith("Connection")), hidden],
      ["a header with a line in it", request("/health", "X-Plain: a\rX-authentik-username: operator").filter((line) => !line.startsWith("Connection")), hidden],
      ["an upgrade to a protocol without doors", request("/health", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__").slice(0, 2), hidden],
    ])("19: a request hidden behind %s opens nothing", async (_how, lines, body) => {
      const answer = await askRaw(lines, body, host);
      expect(answer.text).not.toContain(secret);
    });

    test("a second request with the session does open it, so that such an answer would be seen", async () => {
      const second = hidden.replace("X-authentik-username: operator", `Cookie: ${cookie}\r\nConnection: close`);
      expect((await askRaw(request("/health").filter((line) => !line.startsWith("Connection")), second, host)).text).toContain(secret);
    });
  });
}
