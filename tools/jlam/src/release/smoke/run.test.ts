import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { visitor, type Answer } from "./ask.ts";
import type { Check } from "./check.ts";
import { isPreviewable, judge, runSmoke } from "./run.ts";

const at = { route: "web", url: "https://example.nl/" };
const now = new Date("2026-11-22T12:00:00Z");
const answer = (changes: Partial<Answer> = {}): Answer => ({ status: 200, headers: {}, text: "", certificateEnds: new Date("2027-01-01T00:00:00Z"), ...changes });
const wall: Check = { kind: "wall", ...at, signInAt: "https://auth.example.nl" };
const redirect: Check = { kind: "redirect", ...at, from: "http://example.nl/" };
const headers: Check = { kind: "headers", ...at, headers: { "x-frame-options": "DENY", server: "" } };

describe("an answer is judged", () => {
  test.each<[string, Check, Answer]>([
    ["a certificate for weeks", { kind: "tls", ...at, days: 7 }, answer()],
    ["a permanent redirect to the same address", redirect, answer({ status: 308, headers: { location: "https://example.nl/" } })],
    ["a redirect to sign in", wall, answer({ status: 302, headers: { location: "https://auth.example.nl/authorize?x=1" } })],
    ["headers as they should be", headers, answer({ headers: { "x-frame-options": "DENY" } })],
    ["a health of 204", { kind: "health", ...at }, answer({ status: 204 })],
    ["an application's own 404", { kind: "answers", ...at }, answer({ status: 404, text: "not here" })],
  ])("%s holds", (_, check, given) => {
    expect(judge(check, given, now)).toBeUndefined();
  });

  test.each<[string, Check, Answer, string]>([
    ["a certificate that ends in three days", { kind: "tls", ...at, days: 7 }, answer({ certificateEnds: new Date("2026-11-25T12:00:00Z") }), "in 3 days"],
    ["no TLS", { kind: "tls", ...at, days: 7 }, answer({ certificateEnds: undefined }), "there was no TLS"],
    ["a temporary redirect", redirect, answer({ status: 302, headers: { location: "https://example.nl/" } }), "it answers 302"],
    ["a redirect to elsewhere", redirect, answer({ status: 301, headers: { location: "https://evil.example/" } }), "https://evil.example/"],
    ["no redirect", redirect, answer(), "it answers 200"],
    ["what is behind the wall", wall, answer({ status: 200, text: "secrets" }), "nobody is asked to sign in"],
    ["a redirect to a host that only begins like it", wall, answer({ status: 302, headers: { location: "https://auth.example.nl.evil.example/" } }), "nobody is asked to sign in"],
    ["a missing header", headers, answer(), "x-frame-options is missing"],
    ["another value of a header", headers, answer({ headers: { "x-frame-options": "SAMEORIGIN" } }), "x-frame-options is SAMEORIGIN, not DENY"],
    ["a header that must not be sent", headers, answer({ headers: { "x-frame-options": "DENY", server: "nginx" } }), "server is sent: nginx"],
    ["an ill service", { kind: "health", ...at }, answer({ status: 503 }), "it answers 503"],
    ["the proxy's own 404", { kind: "answers", ...at }, answer({ status: 404, text: "404 page not found\n" }), "the proxy has no route for it"],
    ["a server error", { kind: "answers", ...at }, answer({ status: 502 }), "it answers 502"],
  ])("%s fails", (_, check, given, why) => {
    expect(judge(check, given, now)).toContain(why);
  });
});

/** A server on a port of its own, asked as the host of a check. */
async function serving(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe("a run", () => {
  test("asks an address through another, under the host's own name", async () => {
    const seen: string[] = [];
    const port = await serving((request, response) => {
      seen.push(`${request.headers.host ?? ""} ${request.url ?? ""}`);
      response.writeHead(301, { location: "https://example.nl/" }).end();
    });
    const results = await runSmoke([redirect], visitor({ through: { host: "127.0.0.1", port, httpPort: port }, timeout: 2_000 }));
    expect(results).toMatchObject([{ failure: undefined }]);
    expect(seen).toEqual(["example.nl /"]);
  });

  test("waits where the edge says that it asks too fast", async () => {
    let asked = 0;
    const results = await runSmoke([{ kind: "answers", ...at }], async () => answer({ status: (asked += 1) < 3 ? 429 : 200 }));
    expect(results).toMatchObject([{ failure: undefined }]);
    expect(asked).toBe(3);
  });

  test("fails with the reason where nothing answers, and goes on with the next check", async () => {
    const port = await serving((request) => request.socket.destroy());
    const results = await runSmoke([redirect, { ...redirect, route: "other" }], visitor({ through: { host: "127.0.0.1", port, httpPort: port }, timeout: 2_000 }));
    expect(results.map(({ failure }) => failure)).toEqual([expect.stringContaining("socket hang up"), expect.stringContaining("socket hang up")]);
  });

  test("ends where an answer never comes", async () => {
    const port = await serving(() => undefined);
    expect(await runSmoke([redirect], visitor({ through: { host: "127.0.0.1", port, httpPort: port }, timeout: 300 }))).toMatchObject([{ failure: "no answer within 0.3 s" }]);
  });

  test("of a preview leaves out what only the public address has", () => {
    expect([wall, redirect, headers, { kind: "tls" as const, ...at, days: 7 }].filter(isPreviewable)).toEqual([wall, headers]);
  });
});
