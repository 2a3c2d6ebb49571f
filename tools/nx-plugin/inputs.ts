/** What a task's result depends on beside the files of its own project. */
import type { TargetConfiguration } from "@nx/devkit";

/** A task's input: files by pattern, what a command prints, or npm packages by name. */
export type Input = NonNullable<TargetConfiguration["inputs"]>[number];

const program = "{workspaceRoot}/tools/jlam/src";

const withoutTests: readonly Input[] = [`!${program}/**/*.test.ts`];

/** The files of the command line that every command loads. */
const commandLine: readonly Input[] = [`${program}/main.ts`, `${program}/commands.ts`, `${program}/terminal/**/*.ts`];

/**
 * The code and packages that run when an environment is synthesised. closure.test.ts follows the imports of
 * commands/synth.ts and fails when this list lacks one of them.
 */
export const synthProgram: readonly Input[] = [
  ...commandLine,
  `${program}/commands/synth.ts`,
  `${program}/synth/**/*.ts`,
  ...withoutTests,
  { externalDependencies: ["commander", "js-yaml", "listr2", "esbuild"] },
];

/** The same for `check`, without the type checker, which is a target of its own. */
export const checkProgram: readonly Input[] = [
  ...commandLine,
  `${program}/commands/check.ts`,
  `${program}/synth/**/*.ts`,
  `${program}/check/**/*.ts`,
  `${program}/explain/source-files.ts`,
  `${program}/secrets/**/*.ts`,
  ...withoutTests,
  { externalDependencies: ["age-encryption", "commander", "execa", "listr2", "typescript", "zod"] },
  // Secrets grow overdue without any file being changed.
  { runtime: "date +%F" },
];

/** Vitest and the file that configures it. */
export const testProgram: readonly Input[] = ["{workspaceRoot}/vitest.config.ts", { externalDependencies: ["vitest"] }];

/** ESLint, its rules, and the file that configures them. */
export const lintProgram: readonly Input[] = [
  "{workspaceRoot}/eslint.config.js",
  { externalDependencies: ["eslint", "typescript-eslint", "typescript", "@nx/eslint-plugin"] },
];

/**
 * What else decides an integration test: the engine, and the variables by which images are chosen or skips forbidden.
 * A test that skipped without an engine runs again once there is one.
 */
export const machine: readonly Input[] = [
  { runtime: "docker version --format '{{.Server.Version}}' 2>/dev/null || echo 'no engine'" },
  { runtime: "printenv | grep '^JLAM_' | sort || true" },
];
