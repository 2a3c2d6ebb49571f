import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { schemaViolations } from "@jlam/compose-dsl/validate";
import { load } from "js-yaml";

const here = import.meta.dirname;
const root = resolve(here, "../..");
const readme = readFileSync(join(here, "README.md"), "utf8");

/** A project beside nothing: no workspace above it may lend it a package. */
let project: string;
let built: string;
let tarball: string;

const program = (name: string): string => join(root, "node_modules", ".bin", name);

const attw = (packed: string) => execa(program("attw"), ["--profile", "esm-only", packed], { reject: false });

function example(): string {
  const listing = readme.split("```ts\n")[1]?.split("```")[0];
  if (listing === undefined) throw new Error("README.md has no listing in TypeScript");
  return listing;
}

beforeAll(async () => {
  project = mkdtempSync("/tmp/jlam-package-");
  built = join(project, "built");
  await execa(process.execPath, [join(here, "build.ts"), built]);
  const { stdout } = await execa("npm", ["pack", "--silent", "--pack-destination", project], { cwd: built });
  tarball = join(project, stdout.trim());
  mkdirSync(join(project, "consumer"));
  writeFileSync(join(project, "consumer", "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  await execa("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball], { cwd: join(project, "consumer") });
  writeFileSync(join(project, "consumer", "example.ts"), example());
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe("the built package", () => {
  it("is clean to publint", async () => {
    const { stdout } = await execa(program("publint"), [built, "--strict"]);
    expect(stdout).toContain("All good!");
  });

  it("is clean to attw, for importers as ES modules", async () => {
    expect((await attw(tarball)).exitCode).toBe(0);
  });

  it("would not be clean if an export led nowhere", async () => {
    const broken = join(project, "broken");
    cpSync(built, broken, { recursive: true });
    const manifest = readFileSync(join(broken, "package.json"), "utf8");
    writeFileSync(join(broken, "package.json"), manifest.replace("./index.d.ts", "./missing.d.ts").replace("./index.js", "./missing.js"));
    const { stdout } = await execa("npm", ["pack", "--silent", "--pack-destination", broken], { cwd: broken });
    expect((await attw(join(broken, stdout.trim()))).exitCode).toBe(1);
    expect((await execa(program("publint"), [broken, "--strict"], { reject: false })).exitCode).toBe(1);
  });

  it("holds no test and no source", async () => {
    const { stdout } = await execa("tar", ["--list", "--file", tarball]);
    expect(stdout.split("\n").filter((path) => /\.test\.|test-d|fixture|(?<!\.d)\.ts$/.test(path))).toEqual([]);
  });

  it("runs the README's example in plain Node, without a finding", async () => {
    const { stdout } = await execa(process.execPath, ["example.ts"], { cwd: join(project, "consumer"), extendEnv: false });
    expect(stdout).toBe("");
    const emitted = load(readFileSync(join(project, "consumer", "pages.yaml"), "utf8"));
    expect(schemaViolations(emitted)).toEqual([]);
    expect(emitted).toMatchObject({
      services: { page: { read_only: true }, mirror: { environment: { UPSTREAM: "http://page:8080" }, depends_on: { page: { condition: "service_healthy" } } } },
    });
  });

  it("has declarations with which the example compiles, and by which a mistake in it doesn't", async () => {
    const consumer = join(project, "consumer");
    const tsconfig = { extends: join(root, "tsconfig.base.json"), compilerOptions: { skipLibCheck: false, typeRoots: [join(root, "node_modules/@types")] }, files: ["example.ts"] };
    writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify(tsconfig));
    const compile = () => execa(program("tsc"), ["-p", consumer], { reject: false, all: true });
    expect((await compile()).all).toBe("");
    writeFileSync(join(consumer, "example.ts"), example().replace("page.ports.http", "page.ports.htp"));
    expect((await compile()).all).toContain("Property 'htp' does not exist");
    writeFileSync(join(consumer, "example.ts"), example());
  });

  it("lets a Compose file be validated without the model", async () => {
    const script = 'import { schemaViolations } from "@jlam/compose-dsl/validate"; console.log(schemaViolations({ services: { web: { imagine: 1 } } })[0].message);';
    const { stdout } = await execa(process.execPath, ["--input-type=module", "--eval", script], { cwd: join(project, "consumer") });
    expect(stdout).toBe('Compose has no key "imagine" here');
  });
});
