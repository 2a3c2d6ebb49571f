import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { repositoryRoot } from "../synth/platform.ts";
import { runWorkflowStep, workflowSteps } from "./workflows.ts";

const steps = workflowSteps(repositoryRoot);
const ours = readFileSync(join(repositoryRoot, ".github/workflows/pull-request.yml"), "utf8");
let elsewhere: string;

function stepNamed(name: string) {
  const step = steps.find((each) => each.name.endsWith(`: ${name}`));
  if (step === undefined) throw new Error(`no step is named ${name}`);
  return step;
}

/** What a linter says of files that stand in a repository of their own. */
async function findings(linter: string, files: Readonly<Record<string, string>>): Promise<{ failed: boolean; output: string }> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(elsewhere, path)), { recursive: true });
    writeFileSync(join(elsewhere, path), text);
  }
  const [program, ...args] = stepNamed(linter).command;
  const { failed, all } = await execa(program, args, { cwd: elsewhere, reject: false, all: true });
  return { failed, output: all };
}

const workflow = (text: string) => ({
  ".github/workflows/pull-request.yml": text,
  ".github/zizmor.yml": readFileSync(join(repositoryRoot, ".github/zizmor.yml"), "utf8"),
});

beforeAll(async () => {
  for (const step of steps.filter(({ makes }) => makes !== undefined)) await runWorkflowStep(step, repositoryRoot);
});

beforeEach(async () => {
  elsewhere = mkdtempSync(join(tmpdir(), "jlam-workflows-"));
  await execa("git", ["init", "--quiet"], { cwd: elsewhere });
});

afterEach(() => rmSync(elsewhere, { recursive: true, force: true }));

describe("the linters of workflows", () => {
  it("find nothing in ours", async () => {
    for (const step of steps) await runWorkflowStep(step, repositoryRoot);
  });

  it("find a needed job that doesn't exist", async () => {
    const { failed, output } = await findings("actionlint", workflow(ours.replace("runs-on: ubuntu-24.04", "runs-on: ubuntu-24.04\n    needs: build")));
    expect(failed).toBe(true);
    expect(output).toContain('"build"');
  });

  it("find an action that is pinned to a tag", async () => {
    const { failed, output } = await findings("zizmor", workflow(ours.replaceAll(/checkout@[0-9a-f]{40} # v7.0.1/g, "checkout@v7")));
    expect(failed).toBe(true);
    expect(output).toContain("unpinned-uses");
  });

  it("find text of a pull request in a script", async () => {
    const injected = ours.replace("run: node tools", "run: echo ${{ github.event.pull_request.title }} && node tools");
    const { failed, output } = await findings("zizmor", workflow(injected));
    expect(failed).toBe(true);
    expect(output).toContain("template-injection");
  });

  it("find credentials that stay behind after the checkout", async () => {
    const { failed, output } = await findings("zizmor", workflow(ours.replaceAll("persist-credentials: false", "clean: true")));
    expect(failed).toBe(true);
    expect(output).toContain("artipacked");
  });

  it("find an unquoted variable in a shell script", async () => {
    const { failed, output } = await findings("shellcheck", { jlam: "#!/bin/sh\nrm -r $1\n" });
    expect(failed).toBe(true);
    expect(output).toContain("SC2086");
  });
});
