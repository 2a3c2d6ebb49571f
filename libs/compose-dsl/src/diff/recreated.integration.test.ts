import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { emitFiles } from "../index.ts";
import { diffFiles } from "./diff.ts";
import { platform, type Facts } from "./platform.fixture.ts";

const compose = spawnSync("docker", ["compose", "version"], { timeout: 10_000 }).status === 0;

/** What Compose itself compares: one hash for each service. Mounts count by their path, so `folder` must be the same. */
function hashes(folder: string, facts: Facts): ReadonlyMap<string, string> {
  for (const [path, text] of emitFiles(platform(facts))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const text = execFileSync("docker", ["compose", "-f", join(folder, "compose.yaml"), "config", "--hash", "*"], { encoding: "utf8", timeout: 30_000, stdio: ["ignore", "pipe", "pipe"] });
  return new Map(text.trim().split("\n").map((line) => [line.split(" ")[0] ?? "", line.split(" ")[1] ?? ""]));
}

describe.skipIf(!compose)("services that Compose makes anew (skips without docker compose)", () => {
  test.each<readonly [string, Facts]>([
    ["a setting", { level: "debug" }],
    ["a limit", { resources: { memory: "1G", cpus: 1 } }],
    ["a tag", { tag: "1.1" }],
    ["a provider", { managed: true }],
    ["a way outside", { reachesOutside: "asks somebody" }],
    ["a file that is read at the start", { greeting: "goodbye" }],
    ["nothing but files that the proxy watches", { rateLimit: false }],
  ])("after a change of %s are those whose hash changes", (_, facts) => {
    const diff = diffFiles({ title: "then", files: emitFiles(platform()) }, { title: "now", files: emitFiles(platform(facts)) });
    const folder = mkdtempSync(join(tmpdir(), "jlam-diff-"));
    try {
      const [before, after] = [hashes(folder, {}), hashes(folder, facts)];
      const anew = [...after].filter(([name, hash]) => before.has(name) && before.get(name) !== hash).map(([name]) => name);
      expect(diff.recreated.map(({ service }) => service).sort()).toEqual(anew.sort());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
