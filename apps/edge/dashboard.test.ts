import { checkEnvironment, emitFiles, environment, localAuthority, replaceableImages, resolveEnvironment } from "@jlam/compose-dsl";
import { describe, expect, test } from "vitest";
import { watched } from "./dashboard.fixture.ts";
import edge from "./stack.ts";

const files = emitFiles(watched);
const directory = "files/traefik/etc/traefik";

describe("the dashboard, switched on", () => {
  test("breaks no rule", () => {
    expect(checkEnvironment(watched)).toEqual([]);
  });

  test("is routed on its own host by the file provider, behind the edge's middlewares and the wall, to Traefik's loopback", () => {
    expect(files.get(`${directory}/dynamic/traefik.yaml`)).toBe(`http:
  routers:
    traefik-traefik:
      entryPoints:
        - websecure
      rule: Host(\`traefik.example.org\`)
      service: traefik-traefik
      middlewares:
        - security-headers@file
        - rate-limit@file
        - compression@file
        - sign-in@file
      tls: {}
  services:
    traefik-traefik:
      loadBalancer:
        servers:
          - url: http://127.0.0.1:8081
`);
  });

  test("has the outpost's path on its host, so that people can sign in", () => {
    expect(files.get(`${directory}/dynamic/sign-in.yaml`)).toContain("rule: Host(`traefik.example.org`) && PathPrefix(`/outpost/`)");
  });

  test("answers on an entry point of the loopback alone, and never without a router", () => {
    const configuration = files.get(`${directory}/traefik.yml`);
    expect(configuration).toMatch(/ {2}dashboard:\n {4}address: "?127\.0\.0\.1:8081"?\n/);
    expect(configuration).toContain("api:\n  dashboard: true\n  insecure: false\n");
    expect(files.get(`${directory}/dynamic/dashboard.yaml`)).toBe("http:\n  routers:\n    dashboard:\n      entryPoints:\n        - dashboard\n      rule: PathPrefix(`/`)\n      service: api@internal\n");
  });

  test("publishes no port, and adds no network but the outpost's", () => {
    expect(watched.services.get("traefik")?.node.publishes).toEqual({ http: 80, https: 443 });
    expect([...watched.networks.keys()].sort()).toEqual(["traefik--docker-socket-proxy", "traefik--outpost", "traefik--outside"]);
  });

  test("is for administrators only", () => {
    expect(watched.services.get("traefik")?.node.signIn).toMatchObject({ kind: "forward-auth", groups: ["administrators"] });
  });
});

test("without the option there is neither dashboard nor API, and no identity is needed", () => {
  const plain = resolveEnvironment(
    environment("plain", {
      domain: "example.org",
      host: { memory: "2G", cpus: 2 },
      range: "10.192.0.0/12",
      publishing: { address: "127.0.0.1", http: 80, https: 443 },
      stacks: [edge],
      provides: [],
      certificates: localAuthority(),
      images: replaceableImages,
    }),
  );
  const emitted = emitFiles(plain);
  expect(checkEnvironment(plain)).toEqual([]);
  expect(plain.routes).toEqual([]);
  expect(emitted.get(`${directory}/traefik.yml`)).not.toMatch(/^api:|dashboard/m);
  expect([...emitted.keys()].filter((path) => path.startsWith(`${directory}/dynamic/`))).toEqual(["tls.yaml", "middlewares.yaml"].map((name) => `${directory}/dynamic/${name}`));
});
