/** An environment that leaves a need of its stacks unprovided doesn't compile. Checked by tsc alone. */
import { expectTypeOf } from "vitest";
import {
  containerProvider,
  environment,
  identity,
  localAuthority,
  mail,
  notBackedUp,
  oidc,
  originOf,
  outsideProvider,
  postgres,
  redis,
  replaceableImages,
  service,
  stack,
  to,
  type Provider,
  type Resource,
} from "../index.ts";
import { basis } from "../testing/platform.fixture.ts";
import type { Unprovided } from "./environment.ts";

const keeps = { owner: "platform", holds: "session-data", backup: notBackedUp("a test") } as const;
const database = postgres("app", keeps);
const other = postgres("other", keeps);
const sessions = redis("sessions", keeps);
const outgoing = mail("outgoing", { owner: "platform" });
const server = service("server", { ...basis, ports: { tcp: 1 } });

const contained = <const R extends Resource>(resource: R): Provider<R> => containerProvider(resource, { service: server, endpoint: server.ports.tcp }, originOf(contained));
const managed = <const N extends string>(resource: Resource<"postgres", N>): Provider<Resource<"postgres", N>> =>
  outsideProvider(resource, { host: "h", port: 1, tls: { kind: "off" }, passwords: "ours" }, originOf(managed));

const data = stack("data", { services: [service("web", { ...basis, connects: { database, sessions: to(sessions, {}) } })] });
const mailing = stack("mailing", { services: [service("news", { ...basis, connects: { outgoing } })] });
const members = stack("members", { services: [service("site", { ...basis, signIn: oidc({ callback: "/callback", groups: ["members"] }) })] });
const looking = stack("looking", (around) => ({ services: [service("reader", { ...basis, settings: { DOMAIN: around.domain }, connects: { database } })] }));

const rest = {
  domain: "example.org",
  host: { memory: "8G", cpus: 4 },
  range: "10.0.0.0/12",
  publishing: { address: "127.0.0.1", http: 80, https: 443 },
  certificates: localAuthority(),
  images: replaceableImages,
} as const;

environment("whole", {
  ...rest,
  stacks: [data, mailing, members, looking],
  provides: [managed(database), contained(sessions), contained(outgoing), contained(identity)],
});
environment("none", { ...rest, stacks: [], provides: [] });

// @ts-expect-error nothing provides redis "sessions"
environment("bad", { ...rest, stacks: [data], provides: [contained(database)] });

// @ts-expect-error another database of the same kind is no substitute
environment("bad", { ...rest, stacks: [data], provides: [contained(other), contained(sessions)] });

// @ts-expect-error a stack that looks at its environment needs its database as well
environment("bad", { ...rest, stacks: [looking], provides: [] });

// @ts-expect-error nothing sends the mail
environment("bad", { ...rest, stacks: [mailing], provides: [] });

// @ts-expect-error signIn is a need of identity
environment("bad", { ...rest, stacks: [members], provides: [] });

// @ts-expect-error a managed PostgreSQL provides no Redis
managed(sessions);

// @ts-expect-error what is waited for must have a health check
containerProvider(database, { service: service("deaf", { owner: "platform", image: basis.image, resources: basis.resources }), endpoint: server.ports.tcp }, originOf(managed));

// What a person reads is a sentence.
expectTypeOf<Unprovided<'postgres "app"'>["error"]>().toEqualTypeOf<'postgres "app" is needed by a stack of this environment, and nothing provides it'>();
