import { resolve } from "node:path";
import { ESLint } from "eslint";
import { beforeAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
let eslint: ESLint;

beforeAll(() => {
  eslint = new ESLint({ cwd: root });
});

/** The rules that `code` breaks when it stands in `file`. The file itself is neither read nor changed. */
async function broken(file: string, code: string): Promise<readonly string[]> {
  const [result] = await eslint.lintText(code, { filePath: resolve(root, file) });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

const boundary = "@nx/enforce-module-boundaries";
const importing = (specifier: string): string => `import * as imported from "${specifier}";\nexport default imported;\n`;

describe("import boundaries", () => {
  it.each([
    ["an app imports an app", "apps/web/stack.ts", "@jlam/edge/stack"],
    ["an app imports a provider", "apps/web/stack.ts", "@jlam/redis"],
    ["an app imports an environment", "apps/edge/stack.ts", "@jlam/environment-local"],
    ["a library imports an app", "libs/platform/src/index.ts", "@jlam/postgres"],
    ["an environment imports an environment", "environments/ci/environment.ts", "@jlam/environment-local"],
    ["an environment imports a tool", "environments/ci/environment.ts", "@jlam/nx-plugin"],
    ["a relative path leads into another project", "environments/ci/environment.ts", "../../apps/web/stack.ts"],
    ["a package that no package.json names is imported", "apps/edge/middlewares.ts", "bytes"],
  ])("are broken when %s", async (_, file, specifier) => {
    expect(await broken(file, importing(specifier))).toContain(boundary);
  });

  it.each([
    ["an app imports a library", "apps/web/stack.ts", "@jlam/platform"],
    ["an environment imports a stack", "environments/ci/environment.ts", "@jlam/web/stack"],
    ["an environment imports a provider", "environments/ci/environment.ts", "@jlam/postgres"],
    ["a tool imports a library", "tools/jlam/src/synth/synthesise.ts", "@jlam/compose-dsl"],
  ])("hold when %s", async (_, file, specifier) => {
    expect(await broken(file, importing(specifier))).not.toContain(boundary);
  });
});

describe("declarations", () => {
  it.each(["node:fs", "node:fs/promises", "node:net", "node:child_process", "fs", "dockerode", "execa", "./src/server.ts"])(
    "don't import %s",
    async (specifier) => {
      expect(await broken("apps/web/stack.ts", importing(specifier))).toContain("no-restricted-imports");
    },
  );

  it.each(["apps/redis/provider.ts", "environments/local/environment.ts", "libs/platform/src/index.ts", "libs/compose-dsl/src/model/service.ts"])(
    "are pure in %s too",
    async (file) => {
      expect(await broken(file, importing("node:fs"))).toContain("no-restricted-imports");
    },
  );

  it.each([
    ["the clock", "no-restricted-properties", "export default Date.now();"],
    ["today's date", "no-restricted-syntax", "export default new Date();"],
    ["chance", "no-restricted-properties", "export default Math.random();"],
    ["the network", "no-restricted-globals", 'export default fetch("https://jlam.nl");'],
    ["the machine's environment", "no-restricted-globals", "export default process.env;"],
  ])("don't ask %s", async (_, rule, code) => {
    expect(await broken("apps/web/stack.ts", code)).toContain(rule);
  });

  it("may hash", async () => {
    expect(await broken("apps/postgres/scram.ts", importing("node:crypto"))).not.toContain("no-restricted-imports");
  });

  it("are not what the running program of an app is", async () => {
    expect(await broken("apps/web/src/server.ts", importing("node:fs"))).not.toContain("no-restricted-imports");
  });
});

describe("code rules", () => {
  it.each([
    ["any", "@typescript-eslint/no-explicit-any", "export const value: any = 1;"],
    ["a promise that nobody waits for", "@typescript-eslint/no-floating-promises", "Promise.resolve(1);"],
    ["an assertion that nothing is missing", "@typescript-eslint/no-non-null-assertion", 'export const first = ["a"].at(0)!;'],
    [
      "a type imported as a value",
      "@typescript-eslint/consistent-type-imports",
      'import { Stats } from "node:fs";\nexport const size = (stats: Stats) => stats.size;',
    ],
    [
      "a switch that forgets a case",
      "@typescript-eslint/switch-exhaustiveness-check",
      'export function f(kind: "a" | "b"): number {\n  switch (kind) {\n    case "a":\n      return 1;\n  }\n  return 0;\n}',
    ],
  ])("refuse %s", async (_, rule, code) => {
    expect(await broken("tools/jlam/src/terminal/confirm.ts", code)).toContain(rule);
  });
});
