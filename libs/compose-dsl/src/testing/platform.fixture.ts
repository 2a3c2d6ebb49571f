/** A small platform for tests: valid as it stands, so that a test writes only what it is about. */
import {
  build,
  containerProvider,
  environment,
  exec,
  image,
  localAuthority,
  notBackedUp,
  originOf,
  postgres,
  replaceableImages,
  service,
  stack,
  type EnvironmentNode,
  type Provider,
  type Proxy,
  type Resource,
  type Route,
  type ServiceNode,
  type Stack,
} from "../index.ts";

/** An image with a probe. */
export const tool = image("tool", "docker.io/library/tool:1.0", { probe: ["probe"] });
/** An image of our own: its connections are given as variables. */
export const program = build("program", { folder: "apps/program", base: tool, probe: ["probe"] });

export const alive = exec(["true"]);

/** What a job needs; a service needs `basis`. */
export const jobBasis = { owner: "platform", image: tool, resources: { memory: "64M", cpus: 0.25 } } as const;
export const basis = { ...jobBasis, health: alive } as const;

export const door = service("traefik", {
  ...basis,
  zone: "public",
  ports: { http: 8080, https: 8443 },
  publishes: { http: 80, https: 443 },
});

export const proxy: Proxy = { service: door, entryPoint: "websecure", directory: "/etc/traefik/dynamic", everyRoute: [] };
export const edge = stack("edge", { services: [door], proxy });

/** A database named `name`, in the zone `application`, so that connecting to it needs no reason. */
export const aDatabase = <const N extends string>(name: N): Resource<"postgres", N> =>
  postgres(name, { owner: "platform", holds: "no-personal-data", zone: "application", backup: notBackedUp("made by a test") });

/** A container that provides `resource` with a login for each role. */
export function inContainer<const N extends string>(resource: Resource<"postgres", N>): Provider<Resource<"postgres", N>> {
  const server = service(`postgres-${resource.name}`, { ...basis, ports: { postgres: 5432 } });
  return containerProvider(resource, { service: server, endpoint: server.ports.postgres, user: (role) => role, facts: { name: resource.name } }, originOf(inContainer));
}

export interface Parts extends Partial<Omit<EnvironmentNode, "kind" | "at" | "stacks">> {
  /** Services of the stack `app`. */
  readonly services?: readonly ServiceNode[];
  readonly routes?: readonly Route[];
  /** Stacks beside `app` and `edge`. */
  readonly more?: readonly Stack[];
  /** Instead of `edge`. */
  readonly door?: readonly Stack[];
}

const empty = environment("test", {
  domain: "example.org",
  host: { memory: "8G", cpus: 4 },
  range: "10.192.0.0/12",
  publishing: { address: "127.0.0.1", http: 80, https: 443 },
  stacks: [],
  provides: [],
  certificates: localAuthority(),
  images: replaceableImages,
});

/** An environment of these parts, not covered by the compiler: tests of mistakes need to make them. */
export function place({ services = [], routes = [], more = [], door: doors = [edge], ...rest }: Parts): EnvironmentNode {
  return { ...empty, ...rest, stacks: [...doors, stack("app", { services, routes }), ...more] };
}
