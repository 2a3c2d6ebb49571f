import type { Edge } from "../model/edge.ts";
import type { EnvironmentNode } from "../model/environment.ts";
import type { Origin } from "../model/origin.ts";
import type { Provider } from "../model/provider.ts";
import type { Middleware } from "../model/middleware.ts";
import type { Route } from "../model/route.ts";
import type { DerivedSecret, GeneratedSecret, IssuedSecret, ProvidedSecret } from "../model/secret.ts";
import type { ServiceNode } from "../model/service.ts";
import type { Proxy } from "../model/stack.ts";
import type { ConfigDirectory, ConfigFile, HostPath, Volume } from "../model/storage.ts";
import type { Diagnostic } from "../check/diagnostic.ts";
import type { Why } from "./why.ts";

/** A value with what put it there. */
export interface Explained<V> {
  readonly value: V;
  readonly why: Why;
}

/** A private network for one edge, or a service's way out. */
export interface ResolvedNetwork {
  readonly name: string;
  readonly subnet: string;
  /** Nothing on it reaches an address outside. */
  readonly internal: boolean;
  readonly members: readonly string[];
  readonly because: string;
  readonly at: Origin;
}

/** One secret value of an environment, and every file that shows it. */
export interface ResolvedSecret {
  /** Stable name of the value: `web.SESSION_KEY`, `postgres-app.application`. */
  readonly id: string;
  readonly source: GeneratedSecret | ProvidedSecret | DerivedSecret | IssuedSecret;
  /** For derived secrets: the ids of the values it is rendered from, by the name its template knows. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Files, one per consumer: `/run/secrets/<file>` in the container of `service`. */
  readonly consumers: readonly { readonly service: string; readonly file: string }[];
  readonly at: Origin;
}

export interface ResolvedDependency {
  readonly service: string;
  readonly condition: "service_started" | "service_healthy" | "service_completed_successfully";
  readonly why: Why;
}

export type ResolvedMount =
  | { readonly kind: "volume"; readonly path: string; readonly volume: Volume }
  | { readonly kind: "host-path"; readonly path: string; readonly source: HostPath }
  | { readonly kind: "config-file"; readonly path: string; readonly file: ConfigFile; readonly emitted: string }
  | { readonly kind: "config-directory"; readonly path: string; readonly directory: ConfigDirectory; readonly emitted: string };

/** A service in one environment: its declaration with overrides applied, and everything that was worked out for it. */
export interface ResolvedService {
  readonly name: string;
  /** Stack file it is emitted into. */
  readonly stack: string;
  readonly node: ServiceNode;
  /** Keys of `node` that an override replaced, with its place. */
  readonly overridden: ReadonlyMap<string, Origin>;
  readonly image: Explained<string>;
  /** Compose profile that must be on for it to start; undefined: always. */
  readonly profile: string | undefined;
  readonly environment: ReadonlyMap<string, Explained<string>>;
  readonly secrets: readonly { readonly id: string; readonly file: string; readonly why: Why }[];
  readonly networks: readonly { readonly name: string; readonly aliases: readonly string[]; readonly why: Why }[];
  readonly dependsOn: readonly ResolvedDependency[];
  readonly mounts: readonly ResolvedMount[];
}

/** A route with everything it needs to become a router. */
export interface ResolvedRoute {
  /** Unique router name in the environment. */
  readonly name: string;
  readonly route: Route;
  readonly service: string;
  /** Full host name. */
  readonly host: string;
  readonly port: number;
  /** `file`: in the proxy's watched directory, for blue/green and for ports of the proxy itself; `labels`: on the service. */
  readonly via: "file" | "labels";
  /** Network on which the proxy reaches the service; undefined where it is the proxy itself, which needs none. */
  readonly network: string | undefined;
  /** The edge's middlewares by name, unless the route gives one of the same name. */
  readonly shared: readonly Middleware[];
  readonly own: readonly Middleware[];
  /** Whether the identity provider's wall stands before it. */
  readonly walled: boolean;
}

export interface ResolvedStack {
  readonly name: string;
  readonly services: readonly ResolvedService[];
  /** Stacks whose services these wait for. */
  readonly includes: readonly string[];
}

/** An environment with nothing left to decide: the only thing that checks and emitters read. */
export interface ResolvedEnvironment {
  readonly name: string;
  readonly node: EnvironmentNode;
  readonly stacks: readonly ResolvedStack[];
  readonly services: ReadonlyMap<string, ResolvedService>;
  readonly networks: ReadonlyMap<string, ResolvedNetwork>;
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly secrets: ReadonlyMap<string, ResolvedSecret>;
  readonly routes: readonly ResolvedRoute[];
  readonly edges: readonly ResolvedEdge[];
  readonly providers: ReadonlyMap<string, Provider>;
  readonly proxy: Proxy | undefined;
  /** What could not be resolved; `check` reports it with its own findings. */
  readonly problems: readonly Diagnostic[];
}

export interface ResolvedEdge {
  readonly from: ServiceNode;
  /** Name the service gave the connection, or undefined for edges that nobody wrote: the proxy's, and those of sign-ins. */
  readonly connection: string | undefined;
  readonly edge: Edge;
  /** Service that answers, or undefined for an address outside. */
  readonly to: string | undefined;
  readonly network: string | undefined;
}
