import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { and, clientIp, header, headerRegexp, host, hostRegexp, method, not, or, path, pathPrefix, pathRegexp, query, queryRegexp, ruleText } from "./rule.ts";

describe("ruleText", () => {
  it.each([
    [host("JLAM.nl"), "Host(`jlam.nl`)"],
    [host("*.jlam.nl"), "Host(`*.jlam.nl`)"],
    [hostRegexp("^a\\.nl$"), "HostRegexp(`^a\\.nl$`)"],
    [path("/health"), "Path(`/health`)"],
    [pathPrefix("/api/"), "PathPrefix(`/api/`)"],
    [pathRegexp("^/a{2,3}"), "PathRegexp(`^/a{2,3}`)"],
    [header("X-A", 'say "b"'), 'Header(`X-A`, `say "b"`)'],
    [headerRegexp("X-A", "b|c"), "HeaderRegexp(`X-A`, `b|c`)"],
    [method("POST"), "Method(`POST`)"],
    [clientIp("10.0.0.0/8"), "ClientIP(`10.0.0.0/8`)"],
    [clientIp("fd00::/8"), "ClientIP(`fd00::/8`)"],
    [query("a"), "Query(`a`)"],
    [query("a", "b"), "Query(`a`, `b`)"],
    [queryRegexp("a", "b+"), "QueryRegexp(`a`, `b+`)"],
  ])("writes %j", (rule, text) => {
    expect(ruleText(rule)).toBe(text);
  });

  it("joins rules, and puts joined parts in parentheses", () => {
    const rule = and(host("jlam.nl"), or(pathPrefix("/a"), pathPrefix("/b"), path("/c")), not(method("TRACE")));
    expect(ruleText(rule)).toBe("Host(`jlam.nl`) && (PathPrefix(`/a`) || PathPrefix(`/b`) || Path(`/c`)) && !Method(`TRACE`)");
  });

  it("negates a joined part as a whole", () => {
    expect(ruleText(not(or(host("a.nl"), host("b.nl"))))).toBe("!(Host(`a.nl`) || Host(`b.nl`))");
  });

  it("keeps every value as it was written, or refuses it", () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), (value) => {
      if (/[`\r\n\0]/.test(value)) expect(() => headerRegexp("X-A", value)).toThrow("no backtick");
      else expect(ruleText(headerRegexp("X-A", value))).toBe(`HeaderRegexp(\`X-A\`, \`${value}\`)`);
    }));
  });
});

describe("matchers", () => {
  it.each(["a.nl`) || Host(`b.nl", "{sub:[a-z]+}.jlam.nl", "a b", "a.nl,b.nl", "-a.nl", ""])("refuse the host %j", (name) => {
    expect(() => host(name)).toThrow("is not a host name");
  });

  it("refuse a placeholder of the v2 syntax in a path", () => {
    expect(() => path("/users/{id:[0-9]+}")).toThrow("Use pathRegexp");
  });

  it("refuse a path without a slash that came past the types", () => {
    const untyped: (text: never) => unknown = path;
    expect(() => Reflect.apply(untyped, undefined, ["api"])).toThrow('write "/api"');
  });

  it.each(["10.0.0.0/33", "10.0.0", "jlam.nl", "10.0.0.0/8/8", "10.0.0.0/", "::/129", "256.0.0.1", "10.0.0.0.1", "1.2.3.4.", "fd00:::1", "fe80::1%eth0", "[::1]"])("refuse the address %j", (address) => {
    expect(() => clientIp(address)).toThrow("is not an address or network");
  });

  it("refuse an empty value", () => {
    expect(() => header("X-A", "")).toThrow('Header can\'t match ""');
  });
});
