import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { buildApplication } from "./application.ts";
import type { SiteMessage } from "./database/site-message.ts";
import { TEST_ORIGIN, testParts } from "./testing/application.ts";

test("a visit gets the Dutch landing page and no cookie", async () => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  const response = await application.inject({ url: "/" });
  expect(response.statusCode).toBe(200);
  expect(response.headers["set-cookie"]).toBeUndefined();
  expect(response.body).toContain('<html lang="nl"');
  expect(response.body).toContain("<h1>Je leefstijl als medicijn</h1>");
});

test("pages forbid everything but their own style sheets, images and forms", async () => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  const response = await application.inject({ url: "/" });
  expect(response.headers["content-security-policy"]).toBe(
    "default-src 'none';style-src 'self';img-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
  );
  expect(response.body).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=/);
});

test("the site's message is shown as text, whatever it contains", async () => {
  const { parts } = await testParts();
  const message = { kind: "notice", message: "Zondag <b>onderhoud</b>" } as const;
  const application = await buildApplication({ ...parts, siteMessage: async () => message });
  const { body } = await application.inject({ url: "/" });
  expect(body).toContain("<strong>Mededeling:</strong> Zondag &lt;b&gt;onderhoud&lt;/b&gt;");
});

test("while the site is closed every page says why, with the status that makes browsers and robots come back", async () => {
  const { parts } = await testParts();
  const message = { kind: "maintenance", message: "Tot <acht> uur" } as const;
  const application = await buildApplication({ ...parts, siteMessage: async () => message });
  const headers = { origin: TEST_ORIGIN, "content-type": "application/x-www-form-urlencoded" };
  const answers = [
    await application.inject({ url: "/" }),
    await application.inject({ url: "/privacy" }),
    await application.inject({ url: "/bestaat-niet" }),
    await application.inject({ method: "POST", url: "/weergave", headers, payload: "textSize=large&contrast=normal" }),
  ];
  for (const { statusCode, headers: sent, body } of answers) {
    expect(statusCode).toBe(503);
    expect(sent["retry-after"]).toBe("300");
    expect(sent["cache-control"]).toBe("no-store");
    expect(body).toContain("Tot &lt;acht&gt; uur");
  }
});

test.each(["/health", "/ready", "/favicon.ico"])("%s is answered while the site is closed", async (url) => {
  const { parts } = await testParts();
  const application = await buildApplication({ ...parts, siteMessage: async () => ({ kind: "maintenance", message: "Dicht" }) });
  expect((await application.inject({ url })).statusCode).toBeLessThan(400);
});

test("anybody can read how data is handled, with the number of days that backups are kept", async () => {
  const { parts } = await testParts();
  const application = await buildApplication({ ...parts, backupDays: 37 });
  const response = await application.inject({ url: "/privacy" });
  expect(response.statusCode).toBe(200);
  expect(response.body).toContain("37 dagen");
  expect(response.body).not.toContain("/inloggen\">Inloggen");
});

test("the page is shown without a choice of display when Redis can't be asked", async () => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  const cookies = { "__Host-session": "a".repeat(43) };
  const response = await application.inject({ url: "/", cookies });
  expect(response.statusCode).toBe(200);
  expect(response.body).toContain('class="text-normal contrast-normal"');
});

test("a choice that Redis can't keep is answered with the Dutch page for status 503", async () => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  const response = await application.inject({
    method: "POST",
    url: "/weergave",
    headers: { origin: TEST_ORIGIN, "content-type": "application/x-www-form-urlencoded" },
    payload: "textSize=large&contrast=normal",
  });
  expect(response.statusCode).toBe(503);
  expect(response.body).toContain("Dit lukt nu even niet");
});

test.each([
  ["another site", { origin: "https://evil.example" }],
  ["a page without origin", { origin: "null" }],
  ["a sibling host", { origin: TEST_ORIGIN, "sec-fetch-site": "same-site" }],
  ["something that is no browser", {}],
])("a form sent by %s is refused", async (_who, headers) => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  const response = await application.inject({
    method: "POST",
    url: "/weergave",
    headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
    payload: "textSize=large&contrast=normal",
  });
  expect(response.statusCode).toBe(403);
});

test("a form with a value that is no choice is answered with the Dutch page for status 400", async () => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  const response = await application.inject({
    method: "POST",
    url: "/weergave",
    headers: { origin: TEST_ORIGIN, "content-type": "application/x-www-form-urlencoded" },
    payload: "textSize=huge&contrast=normal",
  });
  expect(response.statusCode).toBe(400);
  expect(response.body).toContain("Dit begrijpen we niet");
});

test.each(["/bestaat-niet", "/assets/geheim.0123456789ab.css"])("%s is answered with the Dutch page for status 404", async (url) => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  const response = await application.inject({ url });
  expect(response.statusCode).toBe(404);
  expect(response.body).toContain("Deze pagina bestaat niet");
});

test("an address that can't be decoded is answered with the Dutch page for status 400", async () => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  const response = await application.inject({ url: "/%zz" });
  expect(response.statusCode).toBe(400);
  expect(response.body).toContain("Dit begrijpen we niet");
});

test("a failure tells a code to quote and nothing about its cause", async () => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  application.get("/kapot", () => {
    throw new Error("password of the database");
  });
  const response = await application.inject({ url: "/kapot" });
  expect(response.statusCode).toBe(500);
  expect(response.body).toMatch(/<code>[0-9a-f-]{36}<\/code>/);
  expect(response.body).not.toContain("password");
});

test("the style sheet of the page is kept by browsers for a year", async () => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  const response = await application.inject({ url: parts.assets.url("site.css") });
  expect(response.statusCode).toBe(200);
  expect(response.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  expect(response.headers["content-type"]).toBe("text/css; charset=utf-8");
});

test("the style sheet of another release is answered with the present one, not kept", async () => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  const response = await application.inject({ url: "/assets/site.0123456789ab.css" });
  expect(response.statusCode).toBe(200);
  expect(response.headers["cache-control"]).toBe("no-store");
});

test("a visitor who has the landing page already gets 304, until it says something else", async () => {
  const { parts } = await testParts();
  const site: { message?: SiteMessage } = {};
  const application = await buildApplication({ ...parts, siteMessage: async () => site.message });
  const first = await application.inject({ url: "/" });
  const headers = { "if-none-match": String(first.headers.etag) };
  expect(first.headers.etag).toMatch(/^W\/"[\w+/=]{44}"$/);
  expect(first.headers["cache-control"]).toBe("private, no-cache");
  const same = await application.inject({ url: "/", headers });
  expect([same.statusCode, same.body]).toEqual([304, ""]);
  site.message = { kind: "notice", message: "Nieuw" };
  expect((await application.inject({ url: "/", headers })).statusCode).toBe(200);
});

test.each(["/bestaat-niet", "/health"])("%s has no ETag: nobody may keep it", async (url) => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  expect((await application.inject({ url })).headers.etag).toBeUndefined();
});

test("both checks say yes while the program runs", async () => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  expect((await application.inject({ url: "/health" })).statusCode).toBe(200);
  expect((await application.inject({ url: "/ready" })).json()).toEqual({
    status: "ready",
    checks: { database: "ok", sessions: "ok" },
  });
});

test("the readiness check names what failed, and the liveness check doesn't care", async () => {
  const { parts } = await testParts();
  const checks = { database: "failed", sessions: "ok" } as const;
  const application = await buildApplication({ ...parts, readiness: async () => ({ ready: false, checks }) });
  const response = await application.inject({ url: "/ready" });
  expect(response.statusCode).toBe(503);
  expect(response.json()).toEqual({ status: "not ready", checks });
  expect((await application.inject({ url: "/health" })).statusCode).toBe(200);
});

test("after the signal to stop both checks say no, while pages are still answered and close their connection", async () => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  parts.lifecycle.beginStop();
  expect((await application.inject({ url: "/health" })).statusCode).toBe(503);
  expect((await application.inject({ url: "/ready" })).statusCode).toBe(503);
  const page = await application.inject({ url: "/" });
  expect(page.statusCode).toBe(200);
  expect(page.headers.connection).toBe("close");
});

test("a request is measured under its route's pattern, and under none when there is no route", async () => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  await application.inject({ url: parts.assets.url("site.css") });
  await application.inject({ url: "/jan.jansen@example.nl" });
  const text = await parts.metrics.registry.metrics();
  expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/assets/:file",status_code="200"} 1');
  expect(text).toContain('http_request_duration_seconds_count{method="GET",route="none",status_code="404"} 1');
  expect(text).not.toContain("jan.jansen");
});

test.each(["0.5", "2"])("answers within %s seconds are counted, since rules ask for that bucket", async (edge) => {
  const { parts } = await testParts();
  const application = await buildApplication(parts);
  await application.inject({ url: "/" });
  expect(await parts.metrics.registry.metrics()).toContain(`http_request_duration_seconds_bucket{le="${edge}",method="GET",route="/"`);
});

test("a request counts as in flight until it is answered, and a probe never does", async () => {
  const { parts } = await testParts();
  const answer = Promise.withResolvers<string>();
  const application = await buildApplication({
    ...parts,
    readiness: async () => ({ ready: true, checks: { during: (await inFlight()) === 1 ? "ok" : "failed" } }),
  });
  const inFlight = async (): Promise<number | undefined> => (await parts.metrics.inFlight.get()).values[0]?.value;
  application.get("/langzaam", () => answer.promise);
  const slow = application.inject({ url: "/langzaam" }).then((response) => response.statusCode);
  await sleep(50);
  expect((await application.inject({ url: "/ready" })).json().checks).toEqual({ during: "ok" });
  answer.resolve("klaar");
  expect(await slow).toBe(200);
  expect(await inFlight()).toBe(0);
});
