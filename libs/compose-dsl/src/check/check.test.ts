import { describe, expect, it } from "vitest";
import { resolveEnvironment, route, service, type EnvironmentNode } from "../index.ts";
import { basis, place } from "../testing/platform.fixture.ts";
import { checkEnvironment, checkPlatform } from "./check.ts";
import { rules } from "./rules/index.ts";

const web = service("web", { ...basis, ports: { http: 80 } });
const site = (parts: Partial<EnvironmentNode> = {}) => resolveEnvironment(place({ services: [web], routes: [route(web.ports.http, { host: "@" })], ...parts }));

describe("the rules", () => {
  it("each have a name of their own", () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  });
});

describe("checkEnvironment", () => {
  it("finds nothing in a platform without mistakes", () => {
    expect(checkEnvironment(site())).toEqual([]);
  });

  it("reports what could not be resolved before what the rules found", () => {
    const environment = resolveEnvironment(place({ range: "nonsense", services: [service("web", { ...basis, user: "0:0" })] }));
    expect(checkEnvironment(environment).map(({ rule }) => rule)).toEqual(["address-range", "root"]);
  });

  it("says which environment a finding is about, and where it was declared", () => {
    const [finding] = checkEnvironment(resolveEnvironment(place({ services: [service("web", { ...basis, user: "0:0" })] })));
    expect(finding).toMatchObject({ subject: "test web", severity: "error", at: { line: expect.any(Number) } });
    expect(finding?.at?.file).toMatch(/check\.test\.ts$/);
  });
});

describe("checkPlatform", () => {
  const other = { name: "other", range: "10.224.0.0/12", domain: "example.net" };

  it("finds nothing between environments that share nothing", () => {
    expect(checkPlatform([site(), site(other)])).toEqual([]);
  });

  it("finds two environments of one name", () => {
    expect(checkPlatform([site(), site({ ...other, name: "test" })])).toEqual([expect.objectContaining({ rule: "environment-name" })]);
  });

  it("finds ranges that overlap", () => {
    expect(checkPlatform([site(), site({ ...other, range: "10.200.0.0/13" })])).toEqual([
      expect.objectContaining({ rule: "subnet-overlap", message: expect.stringContaining("test (10.192.0.0/12) and other (10.200.0.0/13)") }),
    ]);
  });

  it("finds an address that two environments serve", () => {
    expect(checkPlatform([site(), site({ ...other, domain: "example.org" })])).toEqual([
      expect.objectContaining({ rule: "address-taken", message: expect.stringContaining("https://example.org:443 is an address of test and of other") }),
    ]);
  });

  it("lets two environments have one domain on different ports", () => {
    expect(checkPlatform([site(), site({ ...other, domain: "example.org", publishing: { address: "127.0.0.1", http: 10_080, https: 10_443 } })])).toEqual([]);
  });
});
