import type { Fact, Facts, Item } from "./picture.ts";
import { isMapping, leaves, list, mapping, scalar, type Document } from "./unknown-document.ts";

/** Label that changes with configuration files; the files themselves are told, not their hash. */
const configurationLabel = "nl.jlam.configuration";

type Reader = (value: unknown, service: string) => Facts;

const fact = (value: unknown): Fact => (Array.isArray(value) ? value.map(scalar) : scalar(value));
const whole: Reader = (value) => ({ "": fact(value) });

/** Which facet of a service a Compose key belongs to, and how its value becomes facts. Keys that aren't here are told as they are. */
const readers: Readonly<Record<string, readonly [facet: string, read: Reader]>> = {
  image: ["image", whole],
  command: ["command", whole],
  entrypoint: ["entrypoint", whole],
  environment: ["settings", (value) => (Array.isArray(value) ? pairs(value) : leaves(value))],
  secrets: ["secrets", (value) => Object.fromEntries(list(value).map(secret))],
  volumes: ["mounts", (value) => Object.fromEntries(list(value).map(mount))],
  tmpfs: ["memory file systems", (value) => Object.fromEntries(list(value).map((text) => splitOnce(scalar(text), ":")))],
  networks: ["networks", (value, service) => networkFacts(Array.isArray(value) ? Object.fromEntries(value.map((name) => [scalar(name), {}])) : mapping(value), service)],
  profiles: ["profile", whole],
  ports: ["published ports", (value) => Object.fromEntries(list(value).map(publishedPort))],
  depends_on: ["starts after", (value) => (Array.isArray(value) ? Object.fromEntries(value.map((name) => [scalar(name), "started"])) : conditions(mapping(value)))],
  healthcheck: ["health check", (value) => leaves(value)],
  deploy: ["limits", (value) => shortened(leaves(value), "resources.limits.")],
  logging: ["log rotation", (value) => shortened(leaves(value), "options.")],
  labels: ["labels", (value) => labelFacts(Array.isArray(value) ? pairs(value) : leaves(value))],
};

/** Keys whose facts take their own name: what a container may do. */
const hardeningKeys = new Set(["user", "read_only", "cap_drop", "cap_add", "security_opt", "privileged", "network_mode", "pid", "ipc", "userns_mode", "devices"]);

/** A service of a Compose file as facts. `files` are the emitted files that it mounts, by their path in the container. */
export function servicePicture(name: string, service: Document, files: Readonly<Record<string, string>>): Item {
  const facets: Record<string, Record<string, Fact>> = {};
  for (const [key, value] of Object.entries(service)) {
    const reader = readers[key];
    if (reader) facets[reader[0]] = { ...reader[1](value, name) };
    else (facets[hardeningKeys.has(key) ? "hardening" : "other keys"] ??= {})[key] = fact(value);
  }
  if (Object.keys(files).length > 0) facets["configuration"] = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text.split("\n")]));
  return { summary: scalar(service["image"] ?? "no image"), facets };
}

/**
 * What Compose hashes to decide whether a container must be made anew, as text. `build`, `pull_policy` and `scale` don't
 * count; Compose 2.26 counts `depends_on` and `profiles`, newer ones (5.6 was tried) don't, so they are apart.
 */
export function definition({ build, pull_policy, scale, depends_on, profiles, ...rest }: Document): { readonly always: string; readonly oldest: string } {
  return { always: canonical(rest), oldest: canonical({ depends_on, profiles }) };
}

/** JSON with sorted keys: Compose doesn't mind their order. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) => (isMapping(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member));

const splitOnce = (text: string, at: string): readonly [string, string] => {
  const index = text.indexOf(at);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + at.length)];
};

const pairs = (lines: readonly unknown[]): Facts => Object.fromEntries(lines.map((line) => splitOnce(scalar(line), "=")));

function mount(value: unknown): readonly [string, string] {
  if (!isMapping(value)) return splitOnce(scalar(value), ":");
  const access = value["read_only"] === true ? "read-only" : "writable";
  const source = scalar(value["source"] ?? "");
  const words = value["type"] === "volume" ? `volume ${source}` : source.startsWith("./") ? `generated ${source.slice(2)}` : `host path ${source}, ${access}`;
  return [scalar(value["target"]), words];
}

/** A secret by its name in the container; its source only where that isn't the file of the same name. */
function secret(value: unknown): readonly [string, string] {
  const { source, target = source } = isMapping(value) ? value : { source: value };
  return [scalar(target), scalar(source).endsWith(`.${scalar(target)}`) ? "" : scalar(source)];
}

/** Networks as the service sees them: `to redis-sessions`, `from traefik`. */
const networkFacts = (networks: Document, service: string): Facts =>
  Object.fromEntries(
    Object.entries(networks).map(([name, options]) => {
      const aliases = list(mapping(options)["aliases"]).map(scalar);
      return [seenFrom(service, name), aliases.length > 0 ? `as ${aliases.join(", ")}` : ""];
    }),
  );

function seenFrom(service: string, network: string): string {
  if (network.startsWith(`${service}--`)) return `to ${network.slice(service.length + 2)}`;
  return network.endsWith(`--${service}`) ? `from ${network.slice(0, -service.length - 2)}` : network;
}

function publishedPort(value: unknown): readonly [string, string] {
  if (!isMapping(value)) return [scalar(value), scalar(value)];
  return [scalar(value["target"]), `${scalar(value["host_ip"] ?? "0.0.0.0")}:${scalar(value["published"] ?? "any")}`];
}

const conditions = (dependencies: Document): Facts =>
  Object.fromEntries(Object.entries(dependencies).map(([name, options]) => [name, scalar(mapping(options)["condition"] ?? "service_started").replace("service_", "").replaceAll("_", " ")]));

const shortened = (facts: Facts, prefix: string): Facts => Object.fromEntries(Object.entries(facts).map(([path, fact]) => [path.startsWith(prefix) ? path.slice(prefix.length) : path, fact]));

/** Labels but those of Traefik, which are told as routes. */
const labelFacts = (labels: Facts): Facts => Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith("traefik.") && name !== configurationLabel));
