import { describe, expect, test } from "vitest";
import { load } from "js-yaml";
import { blueGreen, build, checkEnvironment, emitFiles, explainEnvironment, lockedImages, middleware, replaceableImages, resolveEnvironment, route, scrape, service, stack, to } from "../index.ts";
import { basis, door, place, proxy, tool } from "../testing/platform.fixture.ts";

const image = build("web", { folder: "apps/web", base: tool, probe: ["probe"] });
const web = service("web", { ...basis, image, ports: { http: 3000, metrics: 9464 }, metrics: scrape("metrics", "/metrics"), release: blueGreen({ drain: "20s" }) });
const reader = service("reader", { ...basis, connects: { web: to(web.ports.metrics, { because: "reads its metrics", wait: false }) } });
const outside = { ...door, reachesOutside: "publishes ports" };
const edge = stack("edge", { services: [outside], proxy: { ...proxy, service: outside, forHost: { entryPoint: "release", port: 8085 } } });
const limit = middleware("limit", { rateLimit: { average: 1 } });

const environmentOf = (images = lockedImages({ registry: "registry.example.org", lock: {} })) =>
  resolveEnvironment(place({ services: [web, reader], door: [edge], routes: [route(web.ports.http, { host: "@", middlewares: [limit] })], images }));
const files = emitFiles(environmentOf());

interface Emitted {
  readonly services: Readonly<Record<string, { readonly image: string; readonly profiles?: readonly string[]; readonly networks: Readonly<Record<string, { readonly aliases?: readonly string[] }>>; readonly labels: Readonly<Record<string, string>> }>>;
}
const compose = (text: string | undefined): Emitted => load(text ?? "") as Emitted;
const { "web-blue": blue, "web-green": green, ...others } = compose(files.get("app.yaml")).services;

describe("a service that is released blue/green, where images are locked", () => {
  test("is two Compose services with the same definition but for image, profile and colour", () => {
    expect(Object.keys(others)).toEqual(["reader"]);
    const { image: blueImage, labels: blueLabels, ...blueRest } = blue ?? {};
    const { image: greenImage, labels: greenLabels, profiles, ...greenRest } = green ?? {};
    expect(greenRest).toEqual(blueRest);
    expect([blueImage, greenImage]).toEqual(["${JLAM_IMAGE_WEB_BLUE:-registry.example.org/web:release}", "${JLAM_IMAGE_WEB_GREEN:-registry.example.org/web:release}"]);
    expect(profiles).toEqual(["green"]);
    expect({ ...greenLabels, "nl.jlam.colour": "blue" }).toEqual(blueLabels);
  });

  test("has no routing labels: a file alone says which colour serves", () => {
    expect(Object.keys(blue?.labels ?? {}).filter((label) => label.startsWith("traefik."))).toEqual([]);
  });

  test("is found under its own name by whoever uses it, and under its colours by the proxy alone", () => {
    expect(blue?.networks["reader--web"]).toEqual({ aliases: ["web"] });
    expect(blue?.networks["traefik--web"]).toEqual({});
  });

  test("is led to by one file for each colour, and previewed by another that only the host's own address matches", () => {
    const served = files.get("switch/green/web.yaml");
    expect(served).toContain("url: http://web-green:3000");
    expect(served).not.toMatch(/blue|preview|ClientIP/);
    const preview = files.get("preview/green/web.yaml");
    expect(preview).toMatch(/rule: Host\(`example\.org`\) && ClientIP\(`10\.\d+\.\d+\.\d+`\)/);
    expect(preview).toMatch(/web-preview-limit:/);
    expect(preview).not.toContain("websecure");
    // An empty host has no certificate for the name yet.
    expect(preview).toMatch(/tls:\n +options: preview@file/);
    expect(preview).toMatch(/preview:\n +minVersion: VersionTLS12\n +sniStrict: false/);
    expect(preview).not.toContain("certResolver");
  });

  test("has blue's file in the watched directory, for whoever boots the files with stock Compose", () => {
    expect(files.get("files/proxy/web.yaml")).toBe(files.get("switch/blue/web.yaml"));
  });

  test("breaks no rule, and every emitted value of both colours is explained", () => {
    expect(checkEnvironment(environmentOf()).filter(({ severity, rule }) => severity === "error" && rule !== "published-address")).toEqual([]);
    expect(explainEnvironment(environmentOf()).filter(({ path }) => path.startsWith("web-green.")).length).toBeGreaterThan(20);
  });
});

test("where images may be replaced there is one service, as before", () => {
  expect(Object.keys(compose(emitFiles(environmentOf(replaceableImages)).get("app.yaml")).services)).toEqual(["web", "reader"]);
});
