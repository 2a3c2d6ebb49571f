import type { BackupDecision, DataClass, Zone } from "./data.ts";
import { originOf, type Origin } from "./origin.ts";

export type ResourceKind = "postgres" | "redis" | "objectStore" | "identity" | "mail";

/** A point that a start can wait for: `database.healthy`, `migrate.completed`. */
export type Milestone =
  | { readonly kind: "service-healthy" | "job-completed"; readonly service: string }
  | { readonly kind: "resource-healthy"; readonly resource: string };

/**
 * What a service needs, not what runs it: the environment's providers decide that.
 * Constructors are postgres(), redis(), objectStore() and mail(); `identity` is needed by saying `signIn`.
 */
export interface Resource<K extends ResourceKind = ResourceKind, N extends string = string> {
  readonly kind: K;
  readonly name: N;
  readonly owner: string;
  readonly holds: DataClass;
  readonly zone: Zone;
  readonly backup: BackupDecision;
  readonly at: Origin;
  /** What provides it always has a health check, so it can always be waited for. */
  readonly healthy: Milestone;
}

/** Who a connection signs in as. Each is a login of its own with the least rights it needs. */
export interface RolesOf {
  /** `replication` copies the whole server and its changes; only where the provider streams them. */
  readonly postgres: "owner" | "application" | "monitoring" | "backup" | "replication";
  readonly redis: "application" | "monitoring";
  readonly objectStore: "writer" | "reader" | "pruner";
  readonly identity: "client";
  readonly mail: "sender";
}
export type Role<K extends ResourceKind = ResourceKind> = RolesOf[K];

/** The role a connection has unless it says `to(resource, { as })`. */
export const defaultRole: { readonly [K in ResourceKind]: RolesOf[K] } = {
  postgres: "application",
  redis: "application",
  objectStore: "writer",
  identity: "client",
  mail: "sender",
};

export interface ResourceOptions {
  readonly owner: string;
  /** What it keeps; required, since nobody may store data that nobody classified. */
  readonly holds: DataClass;
  /** What is done so that it survives; required, there is no default. */
  readonly backup: BackupDecision;
  /** Trust zone; `data` unless said otherwise. */
  readonly zone?: Zone;
}

function resource<K extends ResourceKind, N extends string>(
  kind: K,
  name: N,
  options: ResourceOptions,
  at: Origin,
): Resource<K, N> {
  const { owner, holds, backup, zone = "data" } = options;
  return Object.freeze({ kind, name, owner, holds, zone, backup, at, healthy: { kind: "resource-healthy", resource: resourceId({ kind, name }) } as const });
}

/** A PostgreSQL database with the roles owner, application, monitoring and backup. */
export function postgres<const N extends string>(name: N, options: ResourceOptions): Resource<"postgres", N> {
  return resource("postgres", name, options, originOf(postgres));
}

/** A Redis database. */
export function redis<const N extends string>(name: N, options: ResourceOptions): Resource<"redis", N> {
  return resource("redis", name, options, originOf(redis));
}

/** An S3 bucket. */
export function objectStore<const N extends string>(name: N, options: ResourceOptions): Resource<"objectStore", N> {
  return resource("objectStore", name, options, originOf(objectStore));
}

/** A way to send mail. Keeps nothing of its own, so it needs no backup decision. */
export function mail<const N extends string>(name: N, options: { readonly owner: string }): Resource<"mail", N> {
  return resource(
    "mail",
    name,
    { owner: options.owner, holds: "mail", zone: "operations", backup: { kind: "none", reason: "mail is handed on, not kept" } },
    originOf(mail),
  );
}

/** The identity that every `signIn` needs; one per environment. */
export const identity: Resource<"identity", "sign-in"> = resource(
  "identity",
  "sign-in",
  {
    owner: "platform",
    holds: "identity-data",
    zone: "identity",
    backup: { kind: "none", reason: "people and their credentials are kept in the identity provider's own database" },
  },
  originOf(resource),
);
export type SignInIdentity = typeof identity;

/** A resource's name among containers, secrets and files: `postgres-app`. */
export function resourceId(of: { readonly kind: ResourceKind; readonly name: string }): string {
  return `${of.kind === "objectStore" ? "object-store" : of.kind}-${of.name}`;
}
