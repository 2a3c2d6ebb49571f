import { originOf, type Origin } from "./origin.ts";
import { defaultRole, type Resource, type ResourceKind, type Role } from "./resource.ts";

/** A declared port of a declared service: `web.ports.http`. */
export interface Endpoint<S extends string = string, P extends string = string> {
  readonly kind: "endpoint";
  readonly service: S;
  readonly port: P;
  readonly number: number;
}

export type Target = Resource | Endpoint;

/** A connection from the service that declares it to `target`: a network of its own, credentials, start order. */
export interface Edge<T extends Target = Target> {
  readonly kind: "edge";
  readonly target: T;
  /** The login it uses, for resources. */
  readonly as: Role | undefined;
  /** Why it exists; required between trust zones. */
  readonly because: string | undefined;
  /** Whether the start waits until the target is healthy. */
  readonly wait: boolean;
  readonly at: Origin;
}

type RoleOf<T extends Target> = T extends Resource<infer K extends ResourceKind> ? Role<K> : never;

export interface EdgeOptions<R extends Role = Role> {
  /** The login; `application` for databases unless said otherwise. */
  readonly as?: R;
  /** Why the connection exists. */
  readonly because?: string;
  /** `false`: start without waiting for the target, as whatever only watches it may. */
  readonly wait?: boolean;
}

/** A connection that says more than its target. `connects: { database }` alone is `to(database, {})`. */
export function to<const T extends Target>(target: T, options: EdgeOptions<RoleOf<T>>): Edge<T> {
  return edge(target, options, originOf(to));
}

/** An edge to a resource with its default login, or to an endpoint with none. */
export function edge<T extends Target>(target: T, options: EdgeOptions, at: Origin): Edge<T> {
  const role = target.kind === "endpoint" ? undefined : (options.as ?? defaultRole[target.kind]);
  return Object.freeze({ kind: "edge", target, as: role, because: options.because, wait: options.wait ?? true, at });
}
