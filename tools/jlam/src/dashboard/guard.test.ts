import { describe, expect, test } from "vitest";
import { refusalOf, type Asked } from "./guard.ts";

const own = { port: 4711, token: "right" };
const good: Asked = { method: "GET", headers: { host: "127.0.0.1:4711", authorization: "Bearer right", "sec-fetch-site": "same-origin" }, tells: true };
const refused = (changes: Partial<Asked>, headers: Asked["headers"] = {}): number | undefined => refusalOf({ ...good, ...changes, headers: { ...good.headers, ...headers } }, own)?.status;

describe("the dashboard", () => {
  test("answers its own page, which knows the token", () => {
    expect(refused({})).toBeUndefined();
    expect(refused({}, { host: "localhost:4711" })).toBeUndefined();
  });

  test("answers a person who typed its address, with the empty page alone", () => {
    expect(refused({ tells: false }, { authorization: undefined, "sec-fetch-site": "none" })).toBeUndefined();
    expect(refused({}, { authorization: undefined, "sec-fetch-site": "none" })).toBe(401);
  });

  test.each(["Bearer wrong", "right", "Bearer right ", "Basic right"])("refuses %j", (authorization) => {
    expect(refused({}, { authorization })).toBe(401);
  });

  test.each(["evil.example:4711", "127.0.0.1", "127.0.0.1:80", "localhost", undefined])("refuses the name %s, which somebody led here", (host) => {
    expect(refused({ tells: false }, { host })).toBe(421);
  });

  test.each(["cross-site", "same-site"])("refuses what a page of another origin sends (%s), token or not", (site) => {
    expect(refused({ tells: false }, { "sec-fetch-site": site })).toBe(403);
  });

  test("changes nothing for anybody", () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) expect(refused({ method })).toBe(405);
  });
});
