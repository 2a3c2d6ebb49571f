import { originOf, type Origin } from "./origin.ts";
import type { Endpoint } from "./edge.ts";
import type { Middleware } from "./middleware.ts";
import type { Milestone, Resource, Role } from "./resource.ts";
import type { ServiceNode } from "./service.ts";
import type { Route } from "./route.ts";
import type { Duration } from "./units.ts";

/** Where a provided resource answers: a container of ours, or an address outside. */
export type Address =
  | { readonly kind: "container"; readonly endpoint: Endpoint }
  | { readonly kind: "outside"; readonly host: string; readonly port: number };

/**
 * `verify-full` checks the certificate's chain and its name: against the authorities that every system knows (`public`),
 * or against one that is given as a file (`own`).
 */
export type Tls = { readonly kind: "off" } | { readonly kind: "verify-full"; readonly certificateAuthority: "public" | "own" };

/** The facts that consumers of a resource are configured with. */
export interface Binding {
  readonly address: Address;
  readonly tls: Tls;
  /**
   * Login name of a role; undefined where there are no logins. `version` is that of its password (1 unless said): where
   * two passwords live beside each other only as two logins, the name follows it.
   */
  readonly user: (role: Role, version?: number) => string | undefined;
  /** Whether we make the passwords of its logins, or get them from whoever runs it. */
  readonly passwords: "ours" | "theirs";
  /** Further facts by name, such as a bucket or a sender address. */
  readonly facts: Readonly<Record<string, string>>;
  /** For `identity`: what Traefik asks before a request passes, and its own routes on each protected host. */
  readonly wall?: { readonly middleware: Middleware; readonly outpost: Endpoint; readonly outpostPath: `/${string}` };
  /** For `identity`: how services that sign people in themselves find it. */
  readonly clients?: Clients;
}

/** What an identity provider offers to services that say `signIn: oidc(…)`. */
export interface Clients {
  /** Host under which people's browsers reach it: `auth`. */
  readonly host: string;
  /** Path of a client's own issuer on that host. */
  readonly issuerPath: (client: string) => `/${string}`;
  /** Groups it knows; a service that asks for another would let nobody in. */
  readonly groups: readonly string[];
  /** Its service that tells clients of sign-outs; undefined where it tells nobody. */
  readonly tellsSignOuts?: string;
  /** Path of its API for accounts, below its internal address. */
  readonly accountsPath: `/${string}`;
}

/** Who gives an environment a resource: containers of ours with their routes, or somebody else. */
export interface Provider<R extends Resource = Resource> {
  readonly kind: "provider";
  readonly provides: R;
  readonly how: "container" | "managed" | "stack";
  readonly at: Origin;
  readonly services: readonly ServiceNode[];
  readonly routes: readonly Route[];
  /** When consumers may start; undefined for what is outside. */
  readonly ready: Milestone | undefined;
  /** Run in its container once secrets of it changed and it is ready; undefined where a start takes them up by itself. */
  readonly takesUpSecrets: Command | undefined;
  readonly binding: Binding;
  /** Most of its data that is lost in this environment, where the provider streams every change; undefined: what lies between two recovery sets. */
  readonly loseAtMost: Duration | undefined;
}

type Command = readonly [program: string, ...args: string[]];

type ServiceWithHealth = ServiceNode & { readonly healthy: Milestone };

/** What a provider says beside who it is: its binding, of which only the address is always its own, and what runs for it. */
type Parts = Pick<Binding, "address"> & Partial<Binding> & Partial<Pick<Provider, "services" | "routes" | "ready" | "takesUpSecrets" | "loseAtMost">>;

/** Without more being said: nothing of it runs here, on an open connection, without logins. */
function provider<const R extends Resource>(provides: R, how: Provider["how"], at: Origin, parts: Parts): Provider<R> {
  const { services = [], routes = [], ready, takesUpSecrets, loseAtMost, ...binding } = parts;
  return Object.freeze<Provider<R>>({
    kind: "provider",
    provides,
    how,
    at,
    services,
    routes,
    ready,
    takesUpSecrets,
    loseAtMost,
    binding: { tls: { kind: "off" }, user: () => undefined, passwords: "ours", facts: {}, ...binding },
  });
}

/** A container of ours provides `resource`. Its stack file is named after the resource. */
export function containerProvider<const R extends Resource>(
  resource: R,
  options: {
    readonly service: ServiceWithHealth;
    readonly endpoint: Endpoint;
    readonly routes?: readonly Route[];
    readonly user?: (role: Role, version?: number) => string;
    readonly facts?: Readonly<Record<string, string>>;
    readonly takesUpSecrets?: Command;
    readonly loseAtMost?: Duration | undefined;
  },
  at: Origin,
): Provider<R> {
  const { service, endpoint, ...parts } = options;
  return provider(resource, "container", at, { ...parts, services: [service], ready: service.healthy, address: { kind: "container", endpoint } });
}

/** Somebody outside provides `resource`; nothing of it runs here, and the connection is verified. */
export function outsideProvider<const R extends Resource>(
  resource: R,
  options: {
    readonly host: string;
    readonly port: number;
    readonly tls: Tls;
    readonly passwords: Binding["passwords"];
    readonly user?: (role: Role, version?: number) => string;
    readonly facts?: Readonly<Record<string, string>>;
  },
  at: Origin,
): Provider<R> {
  const { host, port, ...parts } = options;
  return provider(resource, "managed", at, { ...parts, address: { kind: "outside", host, port } });
}

/** A stack of the environment provides `resource` itself, such as Authentik the identity. */
export function stackProvider<const R extends Resource>(
  resource: R,
  options: { readonly endpoint: Endpoint; readonly wall: NonNullable<Binding["wall"]>; readonly clients: Clients },
): Provider<R> {
  const { endpoint, ...parts } = options;
  return provider(resource, "stack", originOf(stackProvider), { ...parts, address: { kind: "container", endpoint } });
}

/** As Go's programs write a header's name: `X-authentik-username` → `X-Authentik-Username`. */
const canonical = (name: string): string => name.toLowerCase().replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase());

/** Headers in which the identity provider's wall says who somebody is: from outside nobody sends them by accident. */
export const identityHeaders = (providers: readonly Provider[]): readonly string[] => [
  ...new Set(providers.flatMap(({ binding: { wall } }) => wall?.middleware.configuration.forwardAuth?.authResponseHeaders ?? []).map(canonical)),
];
