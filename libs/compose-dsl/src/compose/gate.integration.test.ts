/** The table of gated keys against the Compose that is installed, whichever version it is. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compareVersions, KEY_SINCE, keysNewerThan, OLDEST_COMPOSE, type ComposeVersion } from "./gate.ts";
import type { ComposeFile, ComposeService } from "./specification.ts";

const printed = /(\d+)\.(\d+)\.(\d+)(-\S+)?/.exec(spawnSync("docker", ["compose", "version", "--short"], { encoding: "utf8", timeout: 20_000 }).stdout);
const missing = printed === null ? " (not run: `docker compose` is not installed here)" : "";
const installed: ComposeVersion = `${Number(printed?.[1])}.${Number(printed?.[2])}.${Number(printed?.[3])}`;

/**
 * A distribution's own build (Debian's 2.26.1-4) is linked against the libraries of its day, and reads keys that are
 * newer than its version: of such a build only the keys that it must read are asked.
 */
const ofDistribution = printed?.[4] !== undefined;

/** The smallest files that use each gated key. */
const SAMPLES: Readonly<Record<string, ComposeFile>> = {
  jobs: { jobs: { a: { image: "a", triggers: { manual: true } } } },
  models: { models: { m: { model: "ai/m" } } },
  "networks.*.enable_ipv4": { networks: { n: { enable_ipv4: true } } },
  "services.*.build.entitlements": withService({ build: { context: ".", entitlements: ["network.host"] } }),
  "services.*.build.no_cache_filter": withService({ build: { context: ".", no_cache_filter: ["a"] } }),
  "services.*.build.provenance": withService({ build: { context: ".", provenance: true } }),
  "services.*.build.sbom": withService({ build: { context: ".", sbom: true } }),
  "services.*.develop.watch[].exec": withService({ develop: { watch: [{ path: ".", action: "sync+exec", target: "/a", exec: { command: "a" } }] } }),
  "services.*.develop.watch[].include": withService({ develop: { watch: [{ path: ".", action: "sync", target: "/a", include: ["a"] }] } }),
  "services.*.develop.watch[].initial_sync": withService({ develop: { watch: [{ path: ".", action: "sync", target: "/a", initial_sync: true }] } }),
  "services.*.devices[].source": withService({ devices: [{ source: "/dev/null", target: "/dev/null" }] }),
  "services.*.env_file[].format": withService({ env_file: [{ path: "a.env", required: false, format: "raw" }] }),
  "services.*.gpus": withService({ gpus: [{ driver: "a", count: 1 }] }),
  "services.*.label_file": withService({ label_file: "/dev/null" }),
  "services.*.models": withService({ models: { m: {} } }, { models: { m: { model: "ai/m" } } }),
  "services.*.models.*.model_var": withService({ models: { m: { model_var: "A" } } }, { models: { m: { model: "ai/m" } } }),
  "services.*.networks.*.driver_opts": withService({ networks: { n: { driver_opts: { a: "b" } } } }, { networks: { n: null } }),
  "services.*.networks.*.gw_priority": withService({ networks: { n: { gw_priority: 1 } } }, { networks: { n: null } }),
  "services.*.networks.*.interface_name": withService({ networks: { n: { interface_name: "eth9" } } }, { networks: { n: null } }),
  "services.*.post_start": withService({ post_start: [{ command: "a" }] }),
  "services.*.pre_start": withService({ pre_start: [{ command: "a" }] }),
  "services.*.pre_stop": withService({ pre_stop: [{ command: "a" }] }),
  "services.*.provider": { services: { a: { provider: { type: "a" } } } },
  "services.*.pull_refresh_after": withService({ pull_policy: "refresh", pull_refresh_after: "1h" }),
  "services.*.use_api_socket": withService({ use_api_socket: true }),
  "services.*.volumes[].bind.recursive": withService({ volumes: [{ type: "bind", source: "/tmp", target: "/a", bind: { recursive: "disabled" } }] }),
  "services.*.volumes[].image": withService({ volumes: [{ type: "image", source: "a", target: "/a", image: { subpath: "b" } }] }),
  "services.*.volumes[].volume.labels": withService({ volumes: [{ type: "volume", source: "v", target: "/a", volume: { labels: { a: "b" } } }] }, { volumes: { v: null } }),
};

/** Keys that Compose 2.26 passes over in silence; versions between refuse them. */
const MAYBE_IGNORED = ["services.*.develop.watch[].include", "services.*.develop.watch[].initial_sync"];

const directory = mkdtempSync(join(tmpdir(), "gate-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function withService(service: ComposeService, rest: ComposeFile = {}): ComposeFile {
  return { services: { a: { image: "a", ...service } }, ...rest };
}

describe.skipIf(missing !== "" && process.env["JLAM_REQUIRE_ALL"] !== "1")(`keys that Compose ${installed} reads${missing}`, () => {
  it.each(Object.entries(KEY_SINCE))("%s is read from %s on", (key, since) => {
    const sample = SAMPLES[key];
    expect(keysNewerThan(OLDEST_COMPOSE, sample).map((use) => use.key), "the sample uses the key").toContain(key);
    const newest = keysNewerThan(OLDEST_COMPOSE, sample).reduce((version, use) => (compareVersions(use.since, version) > 0 ? use.since : version), since);
    const file = join(directory, "compose.yaml");
    writeFileSync(file, JSON.stringify({ name: "gate", ...sample }));
    const run = spawnSync("docker", ["compose", "-f", file, "config", "--quiet"], { encoding: "utf8", timeout: 30_000 });
    const isRead = compareVersions(newest, installed) <= 0;
    if (isRead || !(ofDistribution || MAYBE_IGNORED.includes(key))) expect(run.status === 0, run.stderr).toBe(isRead);
  });
});
