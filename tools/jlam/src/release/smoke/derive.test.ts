import { describe, expect, test } from "vitest";
import { platform } from "../platform.fixture.ts";
import { loadEnvironment } from "../../synth/platform.ts";
import type { Check } from "./check.ts";
import { deriveSmoke } from "./derive.ts";

const inShort = (checks: readonly Check[]): readonly string[] => checks.map(({ kind, url }) => `${kind} ${url}`);

describe("the smoke suite", () => {
  test("asks of a route its certificate, redirect, headers, health and an answer", () => {
    expect(deriveSmoke(platform())).toEqual([
      { kind: "tls", route: expect.any(String), url: "https://example.nl/", days: 7 },
      { kind: "redirect", route: expect.any(String), url: "https://example.nl/", from: "http://example.nl/" },
      { kind: "headers", route: expect.any(String), url: "https://example.nl/", headers: { "strict-transport-security": "max-age=63072000", "x-frame-options": "DENY", server: "" } },
      { kind: "health", route: expect.any(String), url: "https://example.nl/health" },
      { kind: "answers", route: expect.any(String), url: "https://example.nl/" },
    ]);
  });

  test("grows with a new route, and loses nothing", () => {
    const [before, after] = [inShort(deriveSmoke(platform())), inShort(deriveSmoke(platform({ extraRoute: true })))];
    expect(after.filter((check) => !before.includes(check))).toEqual(["tls https://www.example.nl/", "redirect https://www.example.nl/", "headers https://www.example.nl/", "health https://www.example.nl/health", "answers https://www.example.nl/"]);
    expect(before.filter((check) => !after.includes(check))).toEqual([]);
  });

  test("asks for a health path only where its route leads to it", () => {
    expect(inShort(deriveSmoke(platform({ extra: true }))).filter((check) => check.startsWith("health"))).toEqual(["health https://example.nl/health", "health https://extra.example.nl/ok"]);
  });

  test("of production asks for a sign-in before every walled route, and for an answer of every other", async () => {
    const production = await loadEnvironment("production");
    const checks = deriveSmoke(production);
    for (const { name, walled } of production.routes) {
      const kinds = checks.filter(({ route }) => route === name).map(({ kind }) => kind);
      expect(kinds.includes("wall")).toBe(walled);
      expect(kinds.includes("answers")).toBe(!walled);
      expect(kinds).toEqual(expect.arrayContaining(["tls", "redirect", "headers"]));
    }
    expect(checks.find(({ kind }) => kind === "wall")).toMatchObject({ signInAt: "https://auth.jlam.nl" });
  });

  test("names the ports where an environment has others than the usual", async () => {
    const checks = deriveSmoke(await loadEnvironment("ci"));
    expect(checks.every(({ url }) => url.startsWith("https://") && new URL(url).port === "10443")).toBe(true);
    expect(checks.flatMap((check) => (check.kind === "redirect" ? [new URL(check.from).port] : [])).every((port) => port === "10080")).toBe(true);
  });
});
