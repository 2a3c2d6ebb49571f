/** The targets of every project. One place, so that a new folder has them without a line of configuration. */
import type { ProjectConfiguration, TargetConfiguration } from "@nx/devkit";
import type { Folder } from "./folders.ts";
import { checkProgram, lintProgram, machine, synthProgram, testProgram, type Input } from "./inputs.ts";

type Configuration = Pick<ProjectConfiguration, "targets" | "tags" | "namedInputs">;

/** The targets, tag and inputs of one folder. */
export function configurationOf(folder: Folder): Configuration {
  return {
    tags: [`scope:${folder.scope}`],
    ...(folder.scope === "app" && { namedInputs: { model: appModel } }),
    targets: {
      lint: lint(folder),
      test: unitTests(folder),
      integration: integrationTests(folder),
      ...(folder.hasStack && { check: stackCheck(folder) }),
      ...(folder.hasEnvironment && {
        synth: synth(folder),
        drift: drift(folder),
        check: environmentCheck(folder),
        up: up(folder),
      }),
    },
  };
}

/**
 * What an environment can see of an app: its declarations. The program of the app in src/ is in its image, so that
 * changing a page doesn't emit every environment again.
 */
const appModel = ["production", "!{projectRoot}/src/**/*", "!{projectRoot}/Dockerfile*"];

const jlam = (words: string): string => `node tools/jlam/src/main.ts ${words}`;

/** Runs `command` at the workspace's root; its result is kept until one of `inputs` changes. */
function cached(description: string, command: string, inputs: readonly Input[], more: TargetConfiguration = {}): TargetConfiguration {
  return { command, cache: true, inputs: [...inputs], options: { cwd: "{workspaceRoot}" }, metadata: { description }, ...more };
}

const lint = ({ root }: Folder): TargetConfiguration =>
  cached("Import boundaries and code rules", `eslint ${root}`, ["default", "^production", ...lintProgram]);

const unitTests = ({ root }: Folder): TargetConfiguration =>
  cached("Unit tests", `vitest run --project unit --passWithNoTests ${root}/`, ["default", "^production", ...testProgram]);

const integrationTests = ({ root }: Folder): TargetConfiguration =>
  cached(
    "Tests that need a Docker engine",
    // The project `platform` boots environments/ci once, for the tests of the whole.
    `vitest run --project integration ${root === "tests" ? "--project platform " : ""}--passWithNoTests ${root}/`,
    ["default", "^production", ...testProgram, ...machine],
    { parallelism: false },
  );

/** Types are one run of the compiler for the whole repository, shared by every check. */
const types: TargetConfiguration = { dependsOn: [{ projects: ["jlam-platform"], target: "typecheck" }] };

/** Rules look at environments beside each other, and at a stack in all of them: each check reads every declaration. */
const everyDeclaration: Input = { input: "model", projects: ["tag:scope:environment", "tag:scope:app", "tag:scope:lib"] };

/**
 * Names the command line as a project and not by its files: Nx counts an app as affected by every file that a target
 * names, and would then run its tests for a change in a rule. The environments' `check` covers that change.
 */
const stackCheck = ({ name }: Folder): TargetConfiguration =>
  cached("Types and rules of this stack", jlam(`check --no-types --stack ${name}`), [everyDeclaration, { input: "production", projects: ["@jlam/cli"] }], types);

const environmentCheck = ({ name }: Folder): TargetConfiguration =>
  cached("Types and rules of this environment", jlam(`check --no-types ${name}`), [everyDeclaration, ...checkProgram], types);

/** Nx restores outputs from its cache over whatever is there; `handEdits` keeps it from doing so over a person's work. */
const synth = (folder: Folder): TargetConfiguration =>
  cached("Emit this environment's files", jlam(`synth ${folder.name}`), ["model", "^model", ...synthProgram, handEdits(folder)], {
    outputs: ["{projectRoot}/generated"],
  });

const drift = ({ name }: Folder): TargetConfiguration =>
  cached("Are the emitted files those that are committed?", jlam(`synth ${name} --check`), [
    "model",
    "^model",
    "{projectRoot}/generated/**/*",
    ...synthProgram,
  ]);

const up = ({ name }: Folder): TargetConfiguration => ({
  command: jlam(`up ${name}`),
  cache: false,
  parallelism: false,
  options: { cwd: "{workspaceRoot}" },
  metadata: { description: "Start this environment on this machine" },
});

/** Prints nothing while generated/ is as `jlam synth` left it, so that only a hand edit changes the task's hash. */
const handEdits = ({ root }: Folder): Input => ({ runtime: `node tools/nx-plugin/hand-edits.ts ${root}/generated` });
