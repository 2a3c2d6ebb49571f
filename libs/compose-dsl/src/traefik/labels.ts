/** Routers, services and middlewares as labels for Traefik's docker provider. */
import type { LoadBalancing, Router } from "./dynamic.ts";
import type { Middleware } from "./middleware.ts";

/** What labels can hold of the HTTP configuration. */
export interface LabelledConfiguration {
  readonly routers?: Readonly<Record<string, Omit<Router, "parentRefs">>>;
  readonly services?: Readonly<Record<string, LabelledService>>;
  readonly middlewares?: Readonly<Record<string, Middleware>>;
}

/** A service whose server is the labelled container itself. */
export interface LabelledService {
  readonly loadBalancer: LoadBalancing & { readonly server: LabelledServer };
  /** Middlewares that every request to the service passes. @since 3.7 */
  readonly middlewares?: readonly string[];
}

/** The container as a server; its address is found out by Traefik. */
export interface LabelledServer {
  /** Port inside the container. Said always: without it Traefik takes the lowest exposed one. */
  readonly port: number;
  /** Default "http". */
  readonly scheme?: "http" | "https" | "h2c";
  /** Default 1. */
  readonly weight?: number;
  /** Whether the URL's own path is put before the request's. Default false. */
  readonly preservePath?: boolean;
}

/** Keys that Traefik reads from an empty value, as `true`. */
const MAY_BE_EMPTY = ["tls", "cookie", "compress", "contentType", "ipStrategy"];

type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value | undefined } | undefined;

/**
 * Labels `traefik.http.…` of routers, services and middlewares, sorted by key. Keys are spelled as
 * in the file provider, which Traefik reads in any case; lists of text are joined by commas, lists
 * of objects numbered. The values are plain text: in a Compose file each `$` must be doubled.
 *
 * @throws RangeError if labels can't say it: a name with a dot or bracket, a list entry with a
 *   comma, an empty list, or an empty object where Traefik needs options. The message names the
 *   label; such configuration belongs in the file provider.
 */
export function traefikLabels(configuration: LabelledConfiguration): Readonly<Record<string, string>> {
  const { routers, services, middlewares } = configuration;
  const labels = [
    ...namedLabels("traefik.http.routers", routers),
    ...namedLabels("traefik.http.services", services),
    ...namedLabels("traefik.http.middlewares", middlewares),
  ];
  return Object.fromEntries(labels.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function namedLabels(path: string, named: Readonly<Record<string, object>> | undefined): readonly [string, string][] {
  return Object.entries(named ?? {}).flatMap(([name, value]) => objectLabels(step(path, name), value));
}

function objectLabels(path: string, value: object): readonly [string, string][] {
  const entries = Object.entries<Value>({ ...value }).filter(([, inner]) => inner !== undefined);
  if (entries.length === 0) {
    const key = path.slice(path.lastIndexOf(".") + 1);
    if (!MAY_BE_EMPTY.includes(key)) throw new RangeError(`${path} has no options, which labels can't say: leave it out or give it options.`);
    return [[path, "true"]];
  }
  return entries.flatMap(([key, inner]) => labelsOf(step(path, key), inner));
}

function labelsOf(path: string, value: Value): readonly [string, string][] {
  if (value === undefined) return [];
  if (isList(value)) return listLabels(path, value);
  return typeof value === "object" ? objectLabels(path, value) : [[path, String(value)]];
}

function listLabels(path: string, list: readonly Value[]): readonly [string, string][] {
  if (list.length === 0) throw new RangeError(`${path} is an empty list, which labels can't say: put it in the file provider.`);
  if (list.some((entry) => typeof entry === "object")) return list.flatMap((entry, index) => labelsOf(`${path}[${index}]`, entry));
  const texts = list.map(String);
  const comma = texts.find((text) => text.includes(","));
  if (comma !== undefined) {
    throw new RangeError(`${path} has the entry "${comma}", whose comma would split it: put it in the file provider.`);
  }
  return [[path, texts.join(",")]];
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function step(path: string, name: string): string {
  if (/[.[\]]/.test(name) || name === "") {
    throw new RangeError(`"${name}" (below ${path}) can't be part of a label: dots and brackets divide it. Use another name.`);
  }
  return `${path}.${name}`;
}
