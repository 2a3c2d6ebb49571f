/**
 * What a reviewer need not look for. Formatting is left to .editorconfig: nothing here argues about line lengths or
 * quotes. The boundaries are tested in tools/nx-plugin/boundaries.integration.test.ts; a rule that can't fail keeps nothing out.
 */
import { createProjectGraphAsync } from "@nx/devkit";
import nx from "@nx/eslint-plugin";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

// The boundaries rule reads the graph that the last Nx command left, and skips itself where there is none, as in a fresh
// clone. Below Nx the graph is that of this very run.
if (process.env.NX_TASK_TARGET_PROJECT === undefined) await createProjectGraphAsync({ exitOnError: false });

const tests = ["**/*.test.ts", "**/*.test-d.ts", "**/*.fixture.ts", "tests/**/*.ts"];

/** Everything that runs when an environment is described: no disk, no network, no clock, no chance. */
const declarations = {
  files: ["libs/*/src/**/*.ts", "apps/**/*.ts", "environments/**/*.ts"],
  // The running program of an app lives in its src/, and build.ts bundles it with the probe that all of them have;
  // scripts/ write files that are committed.
  ignores: [...tests, "apps/*/src/**", "apps/*/scripts/**", "apps/*/build.ts", "libs/platform/src/probe.ts"],
};
const pure = "declarations are pure, so that two runs give the same bytes and reading them is safe. What touches the machine belongs in tools/.";

const outside = {
  patterns: [
    { regex: "^node:(?!(crypto|path|url|util)$)", message: `Not here: ${pure}` },
    { regex: "^(fs|net|tls|dns|http|http2|https|os|process|child_process|worker_threads|timers)(/|$)", message: `Not here: ${pure}` },
    { regex: "^(dockerode|execa|testcontainers|pg|undici|@redis/.*|@aws-sdk/.*)$", message: `Not here: ${pure}` },
    { regex: "^\\./src/", allowTypeImports: true, message: "A stack describes its program and doesn't import it: Nx emits nothing again when src/ changes. Types leave nothing in what is emitted." },
  ],
};

const global = (name) => ({ name, message: `Not here: ${pure}` });

export default defineConfig(
  globalIgnores(["**/node_modules/", "**/dist/", ".jlam/", ".nx/", "**/generated/", "coverage/", "libs/compose-dsl/src/compose/specification.ts"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "@typescript-eslint/no-empty-object-type": ["error", { allowWithName: "^None$" }],
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
      "@typescript-eslint/no-meaningless-void-operator": "off",
      // An arrow function may end in a call that returns nothing, and an async function need not await.
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/require-await": "off",
      // Type parameters that only the declared type carries are how the model keeps names.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  {
    files: ["**/*.ts"],
    plugins: { "@nx": nx },
    rules: {
      "@nx/enforce-module-boundaries": [
        "error",
        {
          allow: [],
          enforceBuildableLibDependency: false,
          banTransitiveDependencies: true,
          // One direction: tools → environments → apps → libs. No app imports an app: what two share is in libs/.
          depConstraints: [
            { sourceTag: "scope:lib", onlyDependOnLibsWithTags: ["scope:lib"] },
            { sourceTag: "scope:app", onlyDependOnLibsWithTags: ["scope:lib"] },
            { sourceTag: "scope:environment", onlyDependOnLibsWithTags: ["scope:app", "scope:lib"] },
            { sourceTag: "scope:tool", onlyDependOnLibsWithTags: ["scope:tool", "scope:environment", "scope:app", "scope:lib"] },
          ],
        },
      ],
    },
  },
  {
    ...declarations,
    rules: {
      "no-restricted-imports": ["error", outside],
      "no-restricted-globals": ["error", ...["process", "fetch", "setTimeout", "setInterval", "performance"].map(global)],
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: `No chance: ${pure}` },
        { object: "Date", property: "now", message: `No clock: ${pure}` },
      ],
      "no-restricted-syntax": ["error", { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: `No clock: ${pure}` }],
    },
  },
  {
    // The tests of the whole look into the command line by path: it is a program, and exports nothing.
    files: ["tests/**/*.ts"],
    rules: { "@nx/enforce-module-boundaries": "off" },
  },
  {
    files: ["bench/**/*.ts"],
    rules: { "no-console": "off" },
  },
  {
    files: tests,
    rules: {
      // Vitest's matchers, and JSON that a test compares whole, are of type any.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
);
