import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { repositoryRoot } from "../synth/platform.ts";
import { platformWith, trial } from "./trial.fixture.ts";

const report = z.object({ environments: z.array(z.string()), errors: z.number(), findings: z.array(z.object({ rule: z.string(), subject: z.string(), message: z.string(), at: z.object({ file: z.string(), line: z.number() }).optional() })) });

function check(root: string, ...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, "tools/jlam/src/main.ts"), "check", "--no-types", "--json", ...args], { encoding: "utf8", timeout: 60_000 });
  if (stdout === "") throw new Error(stderr);
  return { status, report: report.parse(JSON.parse(stdout)) };
}

describe("jlam check", { timeout: 60_000 }, () => {
  test("ends with 0 where nothing is wrong", () => {
    const { status, report } = check(platformWith(trial('{ memory: "64M", cpus: 0.1 }')));
    expect({ status, errors: report.errors }).toEqual({ status: 0, errors: 0 });
  });

  test("ends with 1 and tells the line of what is wrong", () => {
    const environment = trial('{ memory: "2G", cpus: 0.1 }');
    const line = environment.split("\n").findIndex((text) => text.includes('environment("trial"')) + 1;
    const { status, report } = check(platformWith(environment));
    expect(status).toBe(1);
    expect(report.findings).toMatchObject([{ rule: "memory-sum", at: { file: expect.stringContaining("environments/trial/environment.ts"), line } }]);
  });

  test("a declaration that throws is a finding at its own line", () => {
    const environment = trial('{ memory: "64 cats", cpus: 0.1 }');
    const line = environment.split("\n").findIndex((text) => text.includes('service("a"')) + 1;
    const root = platformWith(environment);
    const { status, report } = check(root);
    expect(status).toBe(1);
    expect(report.findings).toMatchObject([{ rule: "declaration", subject: "trial", at: { file: join(root, "environments/trial/environment.ts"), line } }]);
  });

  test("this repository's environments have no errors", () => {
    const output = execFileSync(process.execPath, [join(repositoryRoot, "tools/jlam/src/main.ts"), "check", "--no-types", "--json"], { encoding: "utf8", timeout: 60_000, stdio: ["ignore", "pipe", "pipe"] });
    expect(report.parse(JSON.parse(output)).errors).toBe(0);
  });
});
