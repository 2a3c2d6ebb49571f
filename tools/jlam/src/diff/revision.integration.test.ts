import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { platformWith, trial } from "../check/trial.fixture.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { generatedAt } from "./revision.ts";

const git = (root: string, ...args: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.nl", ...args], { cwd: root, encoding: "utf8", timeout: 30_000, stdio: ["ignore", "pipe", "pipe"] });

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), "jlam-revision-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

/** A repository whose first commit has one generated file, which is then edited and joined by another, uncommitted. */
function repository(): string {
  const root = folder();
  const generated = join(root, "environments/production/generated");
  mkdirSync(join(generated, "files/web"), { recursive: true });
  writeFileSync(join(generated, "compose.yaml"), "name: committed\n");
  writeFileSync(join(generated, "files/web/a b.conf"), "one\n\n");
  git(root, "init", "--quiet");
  git(root, "add", ".");
  git(root, "commit", "--quiet", "-m", "first");
  writeFileSync(join(generated, "compose.yaml"), "name: edited\n");
  writeFileSync(join(generated, "new.yaml"), "name: new\n");
  return root;
}

describe("generated files of a revision", { timeout: 30_000 }, () => {
  test("are those that it committed, byte for byte, whatever the working tree holds", async () => {
    const files = (await generatedAt(repository(), "HEAD")).get("production");
    expect(Object.fromEntries(files ?? [])).toEqual({ "compose.yaml": "name: committed\n", "files/web/a b.conf": "one\n\n" });
  });

  test("leave the working tree as it was", async () => {
    const root = repository();
    const before = git(root, "status", "--porcelain");
    await generatedAt(root, "HEAD");
    expect(git(root, "status", "--porcelain")).toBe(before);
  });

  test("are none for an environment that it didn't have", async () => {
    expect((await generatedAt(repository(), "HEAD")).has("staging")).toBe(false);
  });

  test.each(["nowhere", "--help", ""])("of the revision %j, which git doesn't know, are refused", async (revision) => {
    await expect(generatedAt(repository(), revision)).rejects.toThrow(`git knows no revision "${revision}".`);
  });

  test("outside a repository are refused with git's reason", async () => {
    await expect(generatedAt(folder(), "HEAD")).rejects.toMatchObject({ message: "git can't read this repository.", why: expect.stringContaining("not a git repository") });
  });
});

describe("jlam diff", { timeout: 60_000 }, () => {
  const jlam = (...args: readonly string[]) => spawnSync(process.execPath, [join(repositoryRoot, "tools/jlam/src/main.ts"), "diff", ...args], { encoding: "utf8", timeout: 60_000 });

  test("shows on one screen of 24 lines how little staging and production differ", () => {
    const { stdout, status } = jlam("staging", "production");
    expect(status).toBe(0);
    expect(stdout).toContain("domain staging.jlam.nl → jlam.nl");
    expect(stdout.trimEnd().split("\n").length).toBeLessThanOrEqual(24);
  });

  test("exits with 1 only when asked and something differs", () => {
    expect(jlam("local", "production").status).toBe(0);
    expect(jlam("local", "production", "--exit-code").status).toBe(1);
  });

  test("since a revision tells in words what changed in the declarations, synthesised or not", () => {
    const root = platformWith(trial('{ memory: "64M", cpus: 0.1 }'));
    const run = (...args: readonly string[]) => execFileSync(process.execPath, [join(root, "tools/jlam/src/main.ts"), ...args], { encoding: "utf8", timeout: 60_000, stdio: ["ignore", "pipe", "pipe"] });
    git(root, "init", "--quiet");
    git(root, "commit", "--quiet", "--allow-empty", "-m", "before anything");
    git(root, "tag", "empty");
    run("synth");
    git(root, "add", "environments");
    git(root, "commit", "--quiet", "-m", "first");
    writeFileSync(join(root, "environments/trial/environment.ts"), trial('{ memory: "128M", cpus: 0.1 }'));
    expect(run("diff", "HEAD..", "trial")).toMatchInlineSnapshot(`
      "trial at HEAD → now

      Services
        ~ a
            limit memory: 64M → 128M

      Compose makes anew
        a: its limits changed

      The same: 1 image.
      "
    `);
    expect(run("diff", "--since", "empty")).toContain("trial (not in empty) → now\n\nServices\n  + a (a:1)");
  });
});
