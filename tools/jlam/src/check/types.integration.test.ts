import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { repositoryRoot } from "../synth/platform.ts";
import { checkTypes } from "./types.ts";

/** A project of one file, with this repository's compiler. */
function project(source: string): string {
  const root = mkdtempSync(join(tmpdir(), "jlam-types-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "node_modules/.bin"), { recursive: true });
  symlinkSync(join(repositoryRoot, "node_modules/.bin/tsc"), join(root, "node_modules/.bin/tsc"));
  mkdirSync(join(root, "environments"));
  writeFileSync(join(root, "environments/tsconfig.json"), JSON.stringify({ compilerOptions: { strict: true, noEmit: true, types: [] }, files: ["../a.ts"] }));
  writeFileSync(join(root, "a.ts"), source);
  return root;
}

describe("the type checker", { timeout: 60_000 }, () => {
  test("finds nothing in what compiles", async () => {
    expect(await checkTypes(project("export const a: number = 1;\n"))).toEqual([]);
  });

  test("tells file and line of what doesn't", async () => {
    const root = project('export const b = 2;\nexport const a: number = "x";\n');
    expect(await checkTypes(root)).toMatchObject([{ rule: "types", severity: "error", subject: "TS2322", at: { file: join(root, "a.ts"), line: 2 } }]);
  });

  test("keeps the lines that go on about an error", async () => {
    const [error] = await checkTypes(project("interface A { readonly a: { readonly b: number } }\nexport const a: A = { a: { b: 1 } } as { a: { b: number | string } };\n"));
    expect(error?.message.split("\n").length).toBeGreaterThan(1);
  });

  test("says so when it isn't there", async () => {
    const root = project("");
    rmSync(join(root, "node_modules"), { recursive: true });
    await expect(checkTypes(root)).rejects.toThrow("The type checker could not run.");
  });
});
