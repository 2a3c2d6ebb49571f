/** Which keys of Compose need a newer version than the oldest one that this platform supports. */
import { NEWER_KEYS, type ComposeVersion } from "./newer-keys.ts";

export type { ComposeVersion } from "./newer-keys.ts";

/** The oldest Compose that emitted files must load with: the one of Debian 13. */
export const OLDEST_COMPOSE: ComposeVersion = "2.26.0";

/**
 * Keys that Compose 2.26 lacks, each with the least version that reads it. In a path `*` is any
 * name and `[]` any list entry; what stands below a listed key needs its version too.
 * Source: the schema inside each release of Compose from 2.26.0 to 5.5.0, compared one by one;
 * the keys of NEWER_KEYS join them.
 */
export const KEY_SINCE: Readonly<Record<string, ComposeVersion>> = {
  "networks.*.enable_ipv4": "2.33.0",
  "services.*.build.entitlements": "2.27.0",
  "services.*.develop.watch[].exec": "2.32.0",
  "services.*.develop.watch[].include": "2.34.0",
  "services.*.devices[].source": "2.29.3",
  "services.*.env_file[].format": "2.30.0",
  "services.*.gpus": "2.30.0",
  "services.*.label_file": "2.32.0",
  "services.*.models": "2.38.0",
  "services.*.models.*.model_var": "2.38.1",
  "services.*.networks.*.driver_opts": "2.27.1",
  "services.*.networks.*.gw_priority": "2.33.0",
  "services.*.networks.*.interface_name": "2.36.0",
  "services.*.post_start": "2.30.0",
  "services.*.pre_stop": "2.30.0",
  "services.*.provider": "2.35.0",
  "services.*.pull_refresh_after": "2.34.0",
  "services.*.use_api_socket": "2.37.2",
  "services.*.volumes[].bind.recursive": "2.30.0",
  "services.*.volumes[].image": "2.35.0",
  "services.*.volumes[].volume.labels": "2.35.0",
  models: "2.38.0",
  ...Object.fromEntries(NEWER_KEYS.map(({ path, since }) => [path, since])),
};

/** A key that a Compose file uses although the version asked about does not read it. */
export interface NewerKeyUse {
  /** Where it stands, such as `services.web.networks.public.gw_priority`; list entries as `[0]`. */
  readonly path: string;
  /** The entry of KEY_SINCE that it falls under. */
  readonly key: string;
  /** The least version that reads it. */
  readonly since: ComposeVersion;
}

/**
 * Finds the keys of a Compose file that `version` does not read, in the order of KEY_SINCE and
 * then of the file. Values are not looked at, only keys; a file that isn't an object has none.
 *
 * @param version the Compose that will load the file, usually OLDEST_COMPOSE
 * @param composeFile the file as data
 */
export function keysNewerThan(version: ComposeVersion, composeFile: unknown): readonly NewerKeyUse[] {
  return Object.entries(KEY_SINCE).flatMap(([key, since]) =>
    compareVersions(since, version) > 0
      ? uses(composeFile, steps(key), "").map((path): NewerKeyUse => ({ path, key, since }))
      : [],
  );
}

/** Orders two versions by their numbers: negative when `left` is the older one. */
export function compareVersions(left: ComposeVersion, right: ComposeVersion): number {
  const [a, b] = [left.split(".").map(Number), right.split(".").map(Number)];
  const at = a.findIndex((number, index) => number !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function steps(key: string): readonly string[] {
  return key.split(".").flatMap((step) => (step.endsWith("[]") ? [step.slice(0, -2), "[]"] : [step]));
}

function uses(value: unknown, [step, ...rest]: readonly string[], path: string): readonly string[] {
  if (step === undefined) return [path];
  if (typeof value !== "object" || value === null) return [];
  if (step === "[]") {
    return Array.isArray(value) ? value.flatMap((entry, index) => uses(entry, rest, `${path}[${index}]`)) : [];
  }
  if (Array.isArray(value)) return [];
  return Object.entries(value)
    .filter(([name, inner]) => (step === "*" || step === name) && inner !== undefined)
    .flatMap(([name, inner]) => uses(inner, rest, path === "" ? name : `${path}.${name}`));
}
