/** A small platform around the real Authentik stack, for tests: a member's application, two walled pages, a proxy. */
import {
  build,
  containerProvider,
  environment,
  exec,
  forwardAuth,
  image,
  localAuthority,
  middleware,
  oidc,
  originOf,
  outsideProvider,
  replaceableImages,
  route,
  service,
  stack,
  type EnvironmentNode,
  type Stack,
} from "@jlam/compose-dsl";
import { outgoingMail } from "@jlam/platform";
import { authentikStack, database, signIn } from "./stack.ts";

const tool = image("tool", "docker.io/library/tool:1.0", { probe: ["probe"] });
const basis = { owner: "platform", image: tool, health: exec(["true"]), resources: { memory: "64M", cpus: 0.25 } } as const;

const door = service("traefik", { ...basis, zone: "public", ports: { https: 8443 }, publishes: { https: 443 } });
const edge = stack("edge", {
  services: [door],
  proxy: { service: door, entryPoint: "websecure", directory: "/etc/traefik/dynamic", everyRoute: [middleware("security-headers", { headers: { contentTypeNosniff: true } })] },
});

export const web = service("web", {
  ...basis,
  image: build("web", { folder: "apps/web", base: tool, probe: ["probe"] }),
  ports: { http: 80 },
  signIn: oidc({ callback: "/auth/callback", groups: ["members"], accessTokenLifetime: "10m", backChannelLogout: "/auth/signed-out", accounts: "erase" }),
});
const monitor = service("monitor", { ...basis, ports: { http: 80 }, signIn: forwardAuth({ groups: ["administrators", "operators"] }) });
const metrics = service("metrics", { ...basis, ports: { http: 80 }, signIn: forwardAuth({ groups: ["administrators"] }) });

const app = stack("app", {
  services: [web, monitor, metrics],
  routes: [route(web.ports.http, { host: "@" }), route(monitor.ports.http, { host: "monitor" }), route(metrics.ports.http, { host: "metrics" })],
});

const postgresServer = service("postgres-auth", { ...basis, zone: "data", ports: { postgres: 5432 } });

/** The platform with this version of Authentik. Instead of `app` other stacks may stand around it. */
export const platform = (version: string, around: readonly Stack[] = [app], https = 443): EnvironmentNode => ({
  ...empty,
  publishing: { address: "127.0.0.1", http: 80, https },
  stacks: [edge, ...around, authentikStack(version)],
});

const empty = environment("test", {
  domain: "example.org",
  host: { memory: "8G", cpus: 4 },
  range: "10.192.0.0/12",
  publishing: { address: "127.0.0.1", http: 80, https: 443 },
  stacks: [],
  provides: [
    containerProvider(database, { service: postgresServer, endpoint: postgresServer.ports.postgres, user: (role) => role, facts: { name: "auth" } }, originOf(platform)),
    outsideProvider(
      outgoingMail,
      { host: "smtp.example.com", port: 465, tls: { kind: "verify-full", certificateAuthority: "public" }, passwords: "theirs", user: () => "sender", facts: { from: "a@example.org" } },
      originOf(platform),
    ),
    signIn,
  ],
  certificates: localAuthority(),
  images: replaceableImages,
});
