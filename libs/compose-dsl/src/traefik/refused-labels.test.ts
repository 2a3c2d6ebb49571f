import { describe, expect, it } from "vitest";
import { refusedLabels } from "./refused-labels.ts";
import { REMOVED_KEYS } from "./removed.ts";

const reasons = (label: string): readonly string[] => refusedLabels({ [label]: "x" }).map(({ reason, instead }) => `${reason}: ${instead}`);

describe("refusedLabels", () => {
  it.each(REMOVED_KEYS)("refuses $key and names what takes its place", ({ key, since, instead }) => {
    const label = `traefik.${key.replaceAll("*", "web")}`;
    expect(refusedLabels({ [label]: "x" })).toEqual([{ label, reason: `Traefik no longer wants this key since ${since}`, instead }]);
  });

  it("refuses removed keys in any case, and what stands below them", () => {
    expect(reasons("traefik.http.middlewares.a.ipWhiteList.sourceRange")).toEqual([
      "Traefik no longer wants this key since 3.0: use the middleware ipAllowList",
    ]);
  });

  it("refuses a port without a service, which Traefik ignores", () => {
    expect(reasons("traefik.port")).toEqual([
      "Traefik ignores this label without a word: use traefik.http.services.NAME.loadbalancer.server.port",
    ]);
  });

  it("refuses routers of Traefik 1", () => {
    expect(reasons("traefik.frontend.rule")[0]).toContain("this is Traefik 1");
  });

  it("refuses TLS options, which only a file can hold", () => {
    expect(reasons("traefik.tls.options.default.minVersion")[0]).toContain("in the file provider");
  });

  it("refuses a weighted service, which would cost the container all its labels", () => {
    expect(reasons("traefik.http.services.a.weighted.services[0].name")[0]).toContain("drops all labels of the container");
  });

  it("refuses a prefix that doesn't exist", () => {
    expect(reasons("traefik.htpp.routers.a.rule")[0]).toContain("begin with one of traefik.http.");
  });

  it.each([
    "traefik.enable", "traefik.docker.network", "traefik.http.routers.a.rule", "traefik.http.routers.ruleSyntax.rule", "traefik.tcp.routers.a.rule",
    "traefik.tls.stores.default.defaultGeneratedCert.resolver", "nl.jlam.owner", "traefikish.port",
  ])("lets %s pass", (label) => {
    expect(reasons(label)).toEqual([]);
  });
});
