import type { Diagnostic } from "../check/diagnostic.ts";
import type { Certificates, Publishing } from "./environment.ts";
import type { Endpoint } from "./edge.ts";
import type { Middleware } from "./middleware.ts";
import { originOf, type Origin } from "./origin.ts";
import type { Provider } from "./provider.ts";
import type { Resource } from "./resource.ts";
import type { Route } from "./route.ts";
import type { ServiceNode } from "./service.ts";
import type { Bytes } from "./units.ts";

type AnyService = Omit<ServiceNode, "name" | "ports"> & {
  readonly name: string;
  readonly ports: Readonly<Record<string, Endpoint>>;
  readonly needs?: Resource;
};

/** How requests reach services: which service is the proxy, and where it reads routes from. */
export interface Proxy {
  readonly service: ServiceNode;
  /** Traefik entry point that serves https. */
  readonly entryPoint: string;
  /** Mounted directory that the proxy watches for files. */
  readonly directory: string;
  /**
   * Entry point, and its port in the container, on which only the host itself is answered: the proxy's API, and the
   * colour that doesn't serve yet. Undefined where nothing is released.
   */
  readonly forHost?: { readonly entryPoint: string; readonly port: number };
  /** Middlewares of every route, in order. A route replaces one by giving its own of the same name. */
  readonly everyRoute: readonly Middleware[];
}

/** What a stack consists of. */
export interface StackContent {
  readonly services: readonly ServiceNode[];
  readonly routes: readonly Route[];
  readonly proxy: Proxy | undefined;
  /** Where the environment's traces are taken, by OTLP over HTTP: whoever begins one sends it there. */
  readonly traces?: Endpoint | undefined;
  /** What only the stack can see to be wrong; `check` prints it with its own findings. */
  readonly findings?: readonly Diagnostic[];
}

interface StackSpec<S extends readonly AnyService[]> {
  readonly services: S;
  readonly routes?: readonly Route[];
  readonly proxy?: Proxy;
  readonly traces?: Endpoint | undefined;
  readonly findings?: readonly Diagnostic[];
}

/** What a stack sees of the environment it is in: everything, itself included. */
export interface Surroundings {
  readonly environment: string;
  readonly domain: string;
  readonly services: readonly ServiceNode[];
  readonly routes: readonly Route[];
  readonly resources: readonly Resource[];
  /** Who gives those resources, and under which address. */
  readonly providers: readonly Provider[];
  readonly certificates: Certificates;
  readonly publishing: Publishing;
  /** Where a stack of the environment takes traces, by OTLP over HTTP; undefined where nobody keeps any. */
  readonly traces?: Endpoint | undefined;
  /** Whether `jlam deploy` brings it to a host, and switches between two colours of what is released blue/green. */
  readonly released: boolean;
  readonly host: { readonly memory: Bytes; readonly cpus: number };
  /** `auth` → `auth.jlam.nl`, `@` → `jlam.nl`. */
  readonly hostName: (host: string) => string;
}

/** Says that a stack can be made for other versions of an image than the one that it names. */
export interface Versions {
  /** Name of the image, as in JLAM_IMAGE_<NAME>. */
  readonly image: string;
  /** What can be asked for, as a person reads it: `2025.8`, `2025.10`. */
  readonly supported: readonly string[];
  /** The stack for one version, such as an image's tag; undefined where it can't be made for it. */
  readonly make: (version: string) => Stack | undefined;
}

export interface Stack<N extends string = string, R extends Resource = Resource> {
  readonly kind: "stack";
  readonly name: N;
  readonly at: Origin;
  /** Fixed content, or a function of the surroundings that is asked again until nothing changes. */
  readonly content: (around: Surroundings) => StackContent;
  /** Undefined where its content fits the version that it names, and no other. */
  readonly versions: Versions | undefined;
  readonly needs?: R;
}

type NeedsOf<S extends readonly AnyService[]> = Extract<S[number]["needs"], Resource>;

/** A group of services that are deployed together, with the routes that lead to them; and which other versions it can be made for. */
export function stack<const N extends string, const S extends readonly AnyService[]>(
  name: N,
  spec: StackSpec<S> | ((around: Surroundings) => StackSpec<S>),
  options: { readonly versions?: Versions } = {},
): Stack<N, NeedsOf<S>> {
  const content = (spec: StackSpec<S>): StackContent => ({ services: spec.services, routes: spec.routes ?? [], proxy: spec.proxy, traces: spec.traces, findings: spec.findings ?? [] });
  const fixed = typeof spec === "function" ? undefined : content(spec);
  return Object.freeze({
    kind: "stack",
    name,
    at: originOf(stack),
    content: typeof spec === "function" ? (around: Surroundings) => content(spec(around)) : () => fixed ?? content(spec),
    versions: options.versions,
  });
}
