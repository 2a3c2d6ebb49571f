import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { environmentNames, repositoryRoot } from "../synth/platform.ts";

// The real command in a process of its own: a test runner's transformed sources have other lines than the files.
const main = join(repositoryRoot, "tools/jlam/src/main.ts");
const explained = z.array(z.object({ path: z.string(), value: z.unknown(), kind: z.enum(["declared", "override", "default", "derived"]), because: z.string(), file: z.string().optional(), line: z.number().optional(), text: z.string() }));

function explain(...args: readonly string[]): z.infer<typeof explained> {
  return explained.parse(JSON.parse(execFileSync(process.execPath, [main, "explain", ...args, "--json"], { encoding: "utf8", timeout: 30_000 })));
}

/** Line of the first `text` in a source, after the first `after`. */
function lineOf(file: string, text: string, after = ""): string {
  const source = readFileSync(join(repositoryRoot, file), "utf8");
  const start = source.indexOf(after);
  const index = source.indexOf(text, start);
  if (start < 0 || index < 0) throw new Error(`${file} has no "${text}" after "${after}"`);
  return `${file}:${source.slice(0, index).split("\n").length}`;
}

const dsl = "libs/compose-dsl/src";
const web = "apps/web/stack.ts";
const authentik = "apps/authentik/stack.ts";
const service = 'service("web", {';

describe("in production, the line behind", () => {
  const all = new Map(explain("production").map((value) => [value.path, value]));

  test.each<readonly [path: string, kind: string, place: string]>([
    ["web-blue.environment.LOG_LEVEL", "declared", lineOf(web, 'LOG_LEVEL: "info"', service)],
    ["web-blue.environment.DATABASE_HOST", "derived", lineOf(web, "database: to(database", service)],
    ["web-blue.labels.nl.jlam.owner", "declared", lineOf(web, "owner:", service)],
    ["web-blue.labels.nl.jlam.environment", "derived", lineOf("environments/production/environment.ts", 'environment("production"')],
    ["web-blue.deploy.resources.limits.memory", "declared", lineOf(web, "memory:", service)],
    ["web-blue.deploy.resources.limits.pids", "default", lineOf(web, "resources:", service)],
    ["web-blue.healthcheck.interval", "declared", lineOf(web, "interval:", service)],
    ["web-blue.healthcheck.timeout", "default", lineOf(web, "health: http(", service)],
    ["web-blue.stop_grace_period", "declared", lineOf(web, "stopGrace:", service)],
    ["web-blue.depends_on.web-migrate.condition", "declared", lineOf(web, "startsAfter:", service)],
    ["web-blue.read_only", "default", lineOf(`${dsl}/emit/compose-service.ts`, "nothing may change its own program")],
    ["web-blue.user", "default", lineOf(`${dsl}/emit/compose-service.ts`, "programs run as 1000:1000")],
    ["web-blue.labels.nl.jlam.zone", "default", lineOf(`${dsl}/emit/labels.ts`, "in the zone application")],
    ["authentik-worker.environment.AUTHENTIK_AVATARS", "declared", lineOf(authentik, "AUTHENTIK_AVATARS")],
    ["authentik-worker.shm_size", "declared", lineOf(authentik, "sharedMemory:")],
    ["authentik-server.environment.AUTHENTIK_LISTEN__HTTP", "declared", lineOf(authentik, "AUTHENTIK_LISTEN__HTTP")],
    ["secrets.authentik-worker.SECRET_KEY.source", "declared", lineOf(authentik, "SECRET_KEY: generated")],
    ["networks.traefik--web.ipam.config.0.subnet", "derived", lineOf("environments/production/environment.ts", "range:")],
    ["redis-sessions.deploy.resources.limits.memory", "declared", lineOf("environments/production/environment.ts", "redisContainer(sessions")],
    ["routes.web.host", "declared", lineOf(web, "route(web.ports.http")],
    ["routes.web.middlewares.rate-limit", "derived", lineOf("apps/edge/middlewares.ts", 'middleware("rate-limit"')],
  ])("%s (%s) is %s's", (path, kind, place) => {
    const value = all.get(path);
    expect({ kind: value?.kind, place: `${value?.file}:${value?.line}` }).toEqual({ kind, place });
  });
});

describe.each(environmentNames())("in %s", (environment) => {
  test("every emitted value has a line that exists, and shows it", { timeout: 30_000 }, () => {
    const all = explain(environment);
    expect(all.length).toBeGreaterThan(300);
    const lines = new Map<string, readonly string[]>();
    for (const { path, file, line, text } of all) {
      const known = file !== undefined && existsSync(join(repositoryRoot, file));
      if (known && !lines.has(file)) lines.set(file, readFileSync(join(repositoryRoot, file), "utf8").split("\n"));
      expect({ path, text: known && line !== undefined ? lines.get(file)?.[line - 1]?.trim() : undefined }).toEqual({ path, text });
    }
  });
});
