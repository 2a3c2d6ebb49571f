/** The web application as a visitor meets it: over https, through Traefik. */
import { gunzipSync } from "node:zlib";
import { request } from "undici";
import { describe, expect, test } from "vitest";
import { ask, domain, httpPort, httpsPort } from "./stack/https.ts";

test("the landing page is there, in Dutch", async () => {
  const { status, headers, text } = await ask("/");
  expect(status).toBe(200);
  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(text).toContain('<html lang="nl"');
  expect(text).toContain("Je Leefstijl Als Medicijn");
});

test("plain http is sent to https for good, with host, path, query and the published port", async () => {
  const { statusCode, headers, body } = await request(`http://127.0.0.1:${httpPort}/over/ons?bron=brief`, { headers: { host: `${domain}:${httpPort}` } });
  await body.dump();
  expect(statusCode).toBe(301);
  expect(headers["location"]).toBe(`https://${domain}:${httpsPort}/over/ons?bron=brief`);
});

test("a form that is sent to plain http keeps its method", async () => {
  const { statusCode, body } = await request(`http://127.0.0.1:${httpPort}/`, { method: "POST", headers: { host: `${domain}:${httpPort}` }, body: "a=b" });
  await body.dump();
  expect(statusCode).toBe(308);
});

test("a name that no route has answers 404, though the certificate covers it", async () => {
  expect((await ask("/", {}, `onbekend.${domain}`)).status).toBe(404);
});

describe("every answer", () => {
  const paths = [
    ["a page", "/"],
    ["a check", "/health"],
    ["a missing page", "/bestaat-niet"],
  ] as const;

  test.each(paths)("of %s asks for https for two years, subdomains too", async (_, path) => {
    expect((await ask(path)).headers["strict-transport-security"]).toBe("max-age=63072000; includeSubDomains; preload");
  });

  test.each(paths)("of %s forbids frames, sniffing and devices, and tells other sites the origin at most", async (_, path) => {
    const { headers } = await ask(path);
    expect(headers["x-frame-options"]).toBe("DENY");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["permissions-policy"]).toContain("camera=()");
    expect(headers["referrer-policy"]).toMatch(/^(strict-origin-when-cross-origin|strict-origin|same-origin|no-referrer)$/);
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
  });

  test.each(paths)("of %s doesn't say which programs made it", async (_, path) => {
    const { headers } = await ask(path);
    expect(headers).toHaveProperty("content-type");
    expect(headers).not.toHaveProperty("server");
    expect(headers).not.toHaveProperty("x-powered-by");
    expect(headers).not.toHaveProperty("via");
  });
});

test("a page is compressed for whoever can read that, and the same page otherwise", async () => {
  const plain = await ask("/", { headers: [["accept-encoding", "identity"]] });
  const packed = await ask("/", { headers: [["accept-encoding", "gzip"]] });
  expect(plain.headers).not.toHaveProperty("content-encoding");
  expect(packed.headers["content-encoding"]).toBe("gzip");
  expect(packed.body.length).toBeLessThan(plain.body.length / 2);
  expect(gunzipSync(packed.body).toString("utf8")).toContain('<html lang="nl"');
});
