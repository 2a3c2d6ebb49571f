import type { ComposeService } from "../compose/specification.ts";
import type { DataClass, Zone } from "./data.ts";
import { edge, type Edge, type Endpoint, type Target } from "./edge.ts";
import type { HardeningExceptions } from "./hardening.ts";
import type { Health } from "./health.ts";
import type { Image } from "./image.ts";
import type { Alert, LogFormat, Objectives, Scrape } from "./observe.ts";
import { plainLines } from "./observe.ts";
import { originOf, type Origin } from "./origin.ts";
import { recreate, type Release } from "./release.ts";
import type { Milestone, Resource, ResourceKind, SignInIdentity } from "./resource.ts";
import type { Secret } from "./secret.ts";
import type { ConnectionPart, ConnectionParts, EnvironmentFact, PortNumber, SecretFile, Setting } from "./setting.ts";
import type { SignIn } from "./sign-in.ts";
import type { Mount } from "./storage.ts";
import type { Upgrade } from "./upgrade.ts";
import { bytes, duration, seconds, type Bytes, type BytesInput, type Duration, type DurationInput } from "./units.ts";

export type Ports = Readonly<Record<string, number>>;
export type Connects = Readonly<Record<string, Target | Edge>>;
export type Secrets = Readonly<Record<string, Secret>>;

type TargetOf<C> = C extends Edge<infer T> ? T : C;
type PartsOf<T> = T extends Resource<infer K extends ResourceKind> ? ConnectionParts[K] : ConnectionParts["endpoint"];
type PartsOfConnections<C> = { readonly [K in keyof C & string]: ConnectionPart<K, PartsOf<TargetOf<C[K]>>> }[keyof C & string];

/** A setting may name only what is declared. Where names are used stands NoInfer: else using one would count as declaring it. */
type SettingOf<P extends Ports, C extends Connects, S extends Secrets> =
  | string
  | number
  | boolean
  | SecretFile<keyof S & string>
  | PortNumber<keyof P & string>
  | PartsOfConnections<C>
  | EnvironmentFact;

/** Limits of one container. All are enforced; `pids` is 256 unless said otherwise. */
export interface Limits {
  readonly memory: BytesInput;
  /** Processors it may keep busy; 0.5 is half of one. */
  readonly cpus: number;
  readonly pids?: number;
}

/** What every kind of service says about itself. */
interface CommonSpec<P extends Ports, C extends Connects, S extends Secrets> {
  /** Who is asked when it breaks. */
  readonly owner: string;
  /** Trust zone; `application` unless said otherwise. */
  readonly zone?: Zone;
  /** What it keeps or handles; `no-personal-data` unless said otherwise. */
  readonly holds?: DataClass;
  readonly image: Image;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  /** uid:gid in the container; `1000:1000` unless said otherwise. */
  readonly user?: `${number}:${number}`;
  /** Everything it talks to. Each is an edge: a network, credentials, and a start after it is healthy. */
  readonly connects?: C;
  /** Milestones to wait for beside those that `connects` implies. */
  readonly startsAfter?: readonly Milestone[];
  readonly secrets?: S;
  /** Environment variables. Secrets appear as the path of their file only. */
  readonly settings?: Readonly<Record<string, SettingOf<NoInfer<P>, NoInfer<C>, NoInfer<S>>>>;
  readonly mounts?: Readonly<Record<`/${string}`, Mount>>;
  /** Writable memory file systems by path, with their size; `/tmp` of 16 MiB is always there. */
  readonly tmpfs?: Readonly<Record<`/${string}`, BytesInput>>;
  /** Size of /dev/shm. */
  readonly sharedMemory?: BytesInput;
  readonly logs?: LogFormat;
  readonly resources: Limits;
  /** Why it must reach addresses outside this platform; without it, nothing gets out. */
  readonly reachesOutside?: string;
  /** Linux capabilities it keeps; all others are dropped. */
  readonly capabilities?: readonly string[];
  readonly exceptions?: HardeningExceptions;
  /** Anything else Compose can say about a service. The model's own keys win, and the check says so. */
  readonly compose?: Partial<ComposeService>;
}

export interface ServiceSpec<
  P extends Ports,
  C extends Connects,
  S extends Secrets,
  H extends Health<keyof P & string> | undefined,
  A extends SignIn | undefined,
> extends CommonSpec<P, C, S> {
  readonly ports?: P;
  readonly health?: H;
  /** Who may come in, and how they are recognised. A need of the resource `identity`. */
  readonly signIn?: A;
  readonly metrics?: Scrape<keyof NoInfer<P> & string>;
  readonly objectives?: Objectives;
  /** Alerts of its own, beside those that follow from what it declares. */
  readonly alerts?: Readonly<Record<string, Alert>>;
  readonly release?: Release;
  /** How versions of its program follow each other on its data; unsaid: any after any. */
  readonly upgrades?: Upgrade;
  /**
   * The command in its container that makes a recovery set now. It writes a line of JSON for each thing done, of which
   * `{"step":"committed","id":"…"}` names the set; it exits with 75 (EX_TEMPFAIL) while another set is being made, and
   * with its reason on stderr where it can't make one.
   */
  readonly makesSets?: readonly [string, ...string[]];
  /** How long it may take to stop; 10 s unless said otherwise. */
  readonly stopGrace?: DurationInput;
  /**
   * Services whose part it plays where their images can't be had: it answers under their names, on their networks and
   * routes, and never beside them. Only where images may be replaced.
   */
  readonly standsInFor?: readonly [string, ...string[]];
  /** Ports of the host, on the environment's published address. Only the edge may. */
  readonly publishes?: { readonly [K in keyof NoInfer<P> & string]?: number };
}

/** A service as emitters and checks see it: plain data, defaults filled in. */
export interface ServiceNode {
  readonly kind: "service" | "job";
  readonly name: string;
  readonly at: Origin;
  readonly owner: string;
  readonly zone: Zone;
  readonly holds: DataClass;
  readonly image: Image;
  readonly command: readonly string[] | undefined;
  readonly entrypoint: readonly string[] | undefined;
  readonly user: string;
  readonly ports: Readonly<Record<string, Endpoint>>;
  readonly health: Health | undefined;
  readonly connects: Readonly<Record<string, Edge>>;
  readonly startsAfter: readonly Milestone[];
  readonly secrets: Secrets;
  readonly settings: Readonly<Record<string, Setting>>;
  readonly mounts: Readonly<Record<string, Mount>>;
  readonly tmpfs: Readonly<Record<string, Bytes>>;
  readonly sharedMemory: Bytes | undefined;
  readonly signIn: SignIn | undefined;
  readonly metrics: Scrape | undefined;
  readonly logs: LogFormat;
  readonly objectives: Objectives | undefined;
  readonly alerts: Readonly<Record<string, Alert>>;
  readonly resources: { readonly memory: Bytes; readonly cpus: number; readonly pids: number };
  readonly release: Release;
  readonly upgrades: Upgrade | undefined;
  readonly makesSets: readonly string[] | undefined;
  readonly stopGrace: Duration;
  readonly reachesOutside: string | undefined;
  readonly publishes: Readonly<Record<string, number | undefined>>;
  /** Names of the services that it stands in for; empty for nearly all. */
  readonly standsInFor: readonly string[];
  readonly capabilities: readonly string[];
  readonly exceptions: HardeningExceptions;
  readonly compose: Partial<ComposeService>;
  /** The keys that the declaration itself wrote, so that `explain` can tell a choice from a default. */
  readonly written: readonly string[];
}

type Needs<C extends Connects, A> = Extract<TargetOf<C[keyof C]>, Resource> | (A extends SignIn ? SignInIdentity : never);

/** A service with its ports and milestones as values to refer to. */
export type Service<N extends string, P extends Ports, C extends Connects, H, A> = Omit<ServiceNode, "name" | "ports"> & {
  readonly name: N;
  readonly ports: { readonly [K in keyof P & string]: Endpoint<N, K> };
  /** Only in types: the resources that an environment must provide for it. */
  readonly needs?: Needs<C, A>;
} & ([H] extends [Health] ? { readonly healthy: Milestone } : unknown);

export type Job<N extends string, C extends Connects> = Omit<ServiceNode, "name"> & {
  readonly name: N;
  readonly completed: Milestone;
  readonly needs?: Needs<C, undefined>;
};

type None = {};

/** A long-running program. Names of ports, secrets and connections are known to the compiler from here on. */
export function service<
  const N extends string,
  const P extends Ports = None,
  const C extends Connects = None,
  const S extends Secrets = None,
  const H extends Health<keyof P & string> | undefined = undefined,
  const A extends SignIn | undefined = undefined,
>(name: N, spec: ServiceSpec<P, C, S, H, A>): Service<N, P, C, H, A>;
export function service(
  name: string,
  spec: ServiceSpec<Ports, Connects, Secrets, Health | undefined, SignIn | undefined>,
): ServiceNode & { healthy?: Milestone } {
  const node = normalise("service", name, spec, originOf(service));
  return Object.freeze(spec.health ? { ...node, healthy: { kind: "service-healthy", service: name } as const } : node);
}

/** A program that runs to its end before others start, such as a migration. Somebody must wait for `completed`. */
export function job<const N extends string, const C extends Connects = None, const S extends Secrets = None>(
  name: N,
  spec: CommonSpec<None, C, S>,
): Job<N, C>;
export function job(name: string, spec: CommonSpec<Ports, Connects, Secrets>): ServiceNode & { completed: Milestone } {
  const node = normalise("job", name, spec, originOf(job));
  return Object.freeze({ ...node, completed: { kind: "job-completed", service: name } as const });
}

function normalise(
  kind: ServiceNode["kind"],
  name: string,
  spec: ServiceSpec<Ports, Connects, Secrets, Health | undefined, SignIn | undefined>,
  at: Origin,
): ServiceNode {
  return {
    kind,
    name,
    at,
    owner: spec.owner,
    zone: spec.zone ?? "application",
    holds: spec.holds ?? "no-personal-data",
    image: spec.image,
    command: spec.command,
    entrypoint: spec.entrypoint,
    user: spec.user ?? "1000:1000",
    ports: mapValues(spec.ports ?? {}, (number, port) => ({ kind: "endpoint", service: name, port, number }) as const),
    health: spec.health,
    connects: mapValues(spec.connects ?? {}, (target) => (target.kind === "edge" ? target : edge(target, {}, at))),
    startsAfter: spec.startsAfter ?? [],
    secrets: spec.secrets ?? {},
    settings: spec.settings ?? {},
    mounts: spec.mounts ?? {},
    tmpfs: { "/tmp": bytes("16M"), ...mapValues(spec.tmpfs ?? {}, bytes) },
    sharedMemory: spec.sharedMemory === undefined ? undefined : bytes(spec.sharedMemory),
    signIn: spec.signIn,
    metrics: spec.metrics,
    logs: spec.logs ?? plainLines,
    objectives: spec.objectives,
    alerts: spec.alerts ?? {},
    resources: limits(spec.resources),
    release: spec.release ?? recreate,
    upgrades: spec.upgrades,
    makesSets: spec.makesSets,
    stopGrace: spec.stopGrace === undefined ? seconds(10) : duration(spec.stopGrace),
    reachesOutside: spec.reachesOutside,
    publishes: spec.publishes ?? {},
    standsInFor: spec.standsInFor ?? [],
    capabilities: spec.capabilities ?? [],
    exceptions: spec.exceptions ?? {},
    compose: spec.compose ?? {},
    written: Object.keys(spec),
  };
}

/** Reads limits as written, `pids` being 256 unless said otherwise. */
export const limits = ({ memory, cpus, pids }: Limits): ServiceNode["resources"] => ({ memory: bytes(memory), cpus, pids: pids ?? 256 });

function mapValues<V, R>(record: Readonly<Record<string, V>>, change: (value: V, key: string) => R): Record<string, R> {
  const result: Record<string, R> = {};
  for (const key of Object.keys(record)) {
    const value = record[key];
    if (value !== undefined) result[key] = change(value, key);
  }
  return result;
}
