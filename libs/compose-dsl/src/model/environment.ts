import { originOf, type Origin } from "./origin.ts";
import type { Provider } from "./provider.ts";
import { ungated, type ReleaseRules } from "./release-rules.ts";
import type { Resource } from "./resource.ts";
import { machineSecrets, type SecretValues } from "./secret-values.ts";
import { limits, type Limits, type ServiceNode } from "./service.ts";
import type { Stack } from "./stack.ts";
import { bytes, days, duration, type Bytes, type BytesInput, type Duration, type DurationInput } from "./units.ts";

/** Whose API sets the record by which a DNS challenge is answered. */
export type DnsProvider =
  /** Scaleway's DNS zones, with an API key. */
  | { readonly kind: "scaleway" }
  /** A program that sets records for us, asked over HTTP (`POST <endpoint>/present` and `/cleanup`), with a password. */
  | { readonly kind: "httpreq"; readonly endpoint: string; readonly user: string };

/** ACME (RFC 8555) with a DNS challenge. */
export interface Acme {
  readonly kind: "acme";
  readonly dns: DnsProvider;
  /** Account at the authority: where it writes when certificates are about to end. */
  readonly email: string;
  /** One certificate for the domain and every name directly below it; otherwise one for each host. */
  readonly wildcard: boolean;
  readonly directory: string;
  /** Whether the directory is served under an authority that systems don't know, whose certificate is then given. */
  readonly ownAuthority: boolean;
  /** DNS servers (host:port) that alone are asked whether the record is there; empty: those of the zone. */
  readonly resolvers: readonly string[];
  /** How long the authority's certificates hold, in whole hours: when they are renewed follows from it. */
  readonly validity: Duration;
}

/** Where https certificates come from. */
export type Certificates =
  | Acme
  /** A certificate authority of this machine, made on the first `up`. */
  | { readonly kind: "local-authority" };

/** Let's Encrypt's production directory (RFC 8555 names it "directory"). */
const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";

/** How long Let's Encrypt's certificates hold (letsencrypt.org/docs/faq). */
const letsEncryptDays = 90;

interface AcmeOptions {
  /** `"scaleway"`, or a provider with settings of its own. */
  readonly dns: "scaleway" | DnsProvider;
  readonly email: string;
  readonly wildcard: boolean;
  /** Let's Encrypt's unless said otherwise. */
  readonly directory?: string;
  readonly ownAuthority?: boolean;
  readonly resolvers?: readonly string[];
  /** 90 days unless said otherwise. */
  readonly validity?: DurationInput;
}

/** `acme({ dns: "scaleway", email: "beheer@jlam.nl", wildcard: true })` */
export const acme = ({ dns, directory, ownAuthority, resolvers, validity, ...options }: AcmeOptions): Acme => ({
  kind: "acme",
  ...options,
  dns: dns === "scaleway" ? { kind: "scaleway" } : dns,
  directory: directory ?? letsEncrypt,
  ownAuthority: ownAuthority ?? false,
  resolvers: resolvers ?? [],
  validity: duration(validity ?? days(letsEncryptDays)),
});
export const localAuthority = (): Certificates => ({ kind: "local-authority" });

/** Where and on which ports of the host the edge listens. */
export interface Publishing {
  readonly address: string;
  readonly http: number;
  readonly https: number;
}

/** Digests that were resolved from tags: `postgres:17.6` → `sha256:…`. Written by `jlam images lock` only. */
export type ImageLock = Readonly<Record<string, string>>;

export type ImagePolicy =
  /** Tags that the machine may replace, one by one, through JLAM_IMAGE_<NAME>. */
  | { readonly kind: "replaceable" }
  /** `name:tag@sha256:…` from the lock; own images come from `registry`. */
  | { readonly kind: "locked"; readonly registry: string; readonly lock: ImageLock };

export const replaceableImages: ImagePolicy = { kind: "replaceable" };
export const lockedImages = (options: { readonly registry: string; readonly lock: ImageLock }): ImagePolicy => ({ kind: "locked", ...options });

/**
 * Whether environments of these images come to a host by `jlam deploy`; the others are booted on this machine by
 * `jlam up`. Only a release has digests, so what locks its images is released.
 */
export const isReleased = ({ images }: Pick<EnvironmentNode, "images">): boolean => images.kind === "locked";

/** What differs for one service in one environment. Everything else stays as its stack says. */
export interface Override {
  readonly kind: "override";
  readonly service: string;
  readonly at: Origin;
  readonly resources?: ServiceNode["resources"];
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  readonly stopGrace?: ServiceNode["stopGrace"];
}

/** `override(web, { resources: { memory: "512M", cpus: 1 } })` */
export function override(
  service: Pick<ServiceNode, "name" | "kind">,
  changes: {
    readonly resources?: Limits;
    readonly settings?: Readonly<Record<string, string | number | boolean>>;
    readonly stopGrace?: DurationInput;
  },
): Override {
  return Object.freeze({
    kind: "override",
    service: service.name,
    at: originOf(override),
    ...(changes.resources && { resources: limits(changes.resources) }),
    ...(changes.settings && { settings: changes.settings }),
    ...(changes.stopGrace && { stopGrace: duration(changes.stopGrace) }),
  });
}

export interface EnvironmentNode {
  readonly kind: "environment";
  readonly name: string;
  readonly at: Origin;
  readonly domain: string;
  readonly host: { readonly memory: Bytes; readonly cpus: number };
  /** Address range of its networks, such as `10.128.0.0/12`; ranges of environments are disjoint. */
  readonly range: string;
  readonly publishing: Publishing;
  readonly stacks: readonly Stack[];
  readonly provides: readonly Provider[];
  readonly certificates: Certificates;
  readonly images: ImagePolicy;
  readonly secrets: SecretValues;
  readonly overrides: readonly Override[];
  readonly releases: ReleaseRules;
}

interface EnvironmentSpec<S extends readonly Stack[], P extends readonly Provider[]> {
  readonly domain: string;
  /** The machine it runs on; limits must fit into it. */
  readonly host: { readonly memory: BytesInput; readonly cpus: number };
  readonly range: string;
  readonly publishing: Publishing;
  readonly stacks: S;
  readonly provides: P;
  readonly certificates: Certificates;
  readonly images: ImagePolicy;
  /** Where the values of its secrets are; without it they are made by the machine that boots it. */
  readonly secrets?: SecretValues;
  readonly overrides?: readonly Override[];
  /** What a release must have shown before it comes here; any release may unless said otherwise. */
  readonly releases?: ReleaseRules;
}

type Label<R extends Resource> = R extends Resource<infer K, infer N> ? `${K} "${N}"` : never;
type Missing<S extends readonly Stack[], P extends readonly Provider[]> = Exclude<
  Label<Extract<S[number]["needs"], Resource>>,
  Label<P[number]["provides"]>
>;

/** What the compiler shows where an environment lacks a provider; `check` says the same sentence. */
export interface Unprovided<What extends string> {
  readonly error: `${What} is needed by a stack of this environment, and nothing provides it`;
}
type Covers<S extends readonly Stack[], P extends readonly Provider[]> = [Missing<S, P>] extends [never] ? unknown : Unprovided<Missing<S, P>>;

/** A place where stacks run: who provides what they need, under which name, on which machine. */
export function environment<const N extends string, const S extends readonly Stack[], const P extends readonly Provider[]>(
  name: N,
  spec: EnvironmentSpec<S, P & Covers<S, P>>,
): EnvironmentNode {
  return Object.freeze({
    kind: "environment",
    name,
    at: originOf(environment),
    domain: spec.domain,
    host: { memory: bytes(spec.host.memory), cpus: spec.host.cpus },
    range: spec.range,
    publishing: spec.publishing,
    stacks: spec.stacks,
    provides: spec.provides,
    certificates: spec.certificates,
    images: spec.images,
    secrets: spec.secrets ?? machineSecrets,
    overrides: spec.overrides ?? [],
    releases: spec.releases ?? ungated,
  });
}

/**
 * The environment with other versions of images (version by image name), which their stacks are made for. What no stack
 * can be made for stays as it is.
 */
export const atVersions = (environment: EnvironmentNode, versions: ReadonlyMap<string, string>): EnvironmentNode =>
  Object.freeze({
    ...environment,
    stacks: environment.stacks.map((stack) => {
      const version = stack.versions && versions.get(stack.versions.image);
      return (version !== undefined && stack.versions?.make(version)) || stack;
    }),
  });
