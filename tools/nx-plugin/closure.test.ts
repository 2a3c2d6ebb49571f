import { readFileSync } from "node:fs";
import { join, matchesGlob, resolve } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { checkProgram, synthProgram, type Input } from "./inputs.ts";

const root = resolve(import.meta.dirname, "../..");

/** What a module of tools/jlam loads, followed through its imports: files of tools/jlam, and npm packages. */
async function closure(modules: readonly string[]) {
  const { metafile } = await build({
    entryPoints: modules.map((module) => join(root, "tools/jlam/src", module)),
    absWorkingDir: root,
    outdir: "unwritten",
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  return {
    files: Object.keys(metafile.inputs),
    packages: [...new Set(imports.filter(({ external }) => external).map(({ path }) => packageName(path)))],
  };
}

const packageName = (specifier: string): string => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

const isInput = (inputs: readonly Input[], file: string): boolean => {
  const patterns = inputs.filter((input) => typeof input === "string").map((pattern) => pattern.replace("{workspaceRoot}/", ""));
  return patterns.some((pattern) => !pattern.startsWith("!") && matchesGlob(file, pattern));
};

const externals = (inputs: readonly Input[]): readonly string[] =>
  inputs.flatMap((input) => (typeof input === "object" && "externalDependencies" in input ? input.externalDependencies : []));

const thirdParty = (packages: readonly string[]): readonly string[] =>
  packages.filter((name) => !name.startsWith("node:") && !name.startsWith("@jlam/"));

describe.each([
  ["synth", synthProgram],
  ["check", checkProgram],
])("the inputs of %s", (command, inputs) => {
  // main.ts loads commands by `import()` of the asked one; the others would only widen the closure.
  const modules = ["terminal/failure.ts", "terminal/interrupt.ts", `commands/${command}.ts`];

  it("have every file that the command loads", async () => {
    const { files } = await closure(modules);
    expect(files.filter((file) => !isInput(inputs, file))).toEqual([]);
  });

  it("have every package that the command loads", async () => {
    const { packages } = await closure(modules);
    expect(thirdParty(packages).filter((name) => !externals(inputs).includes(name))).toEqual([]);
  });

  it("name packages that the workspace has", () => {
    const lock: { packages: Record<string, unknown> } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
    expect(externals(inputs).filter((name) => !(`node_modules/${name}` in lock.packages))).toEqual([]);
  });
});

describe("following imports", () => {
  it("reports a file that no input has", async () => {
    const { files } = await closure(["commands/synth.ts"]);
    expect(files.filter((file) => !isInput(["{workspaceRoot}/tools/jlam/src/main.ts"], file))).toContain("tools/jlam/src/commands/synth.ts");
  });
});
