/** The scan for secrets, by the programs that people and CI run, over secrets that are really made. */
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { repositoryRoot } from "../../synth/platform.ts";
import { installHook } from "./hook.ts";
import { seal } from "../sealed/seal.ts";

const secretlint = join(repositoryRoot, "node_modules", ".bin", "secretlint");

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "jlam-scan-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Scans one text as the file of that name, with the repository's own rules. */
async function scan(text: string, name = "notes.md"): Promise<{ readonly found: boolean; readonly output: string }> {
  const path = folder();
  writeFileSync(join(path, name), text);
  const { exitCode, all } = await execa(process.execPath, [secretlint, "--no-color", "--no-gitignore", "--secretlintrc", join(repositoryRoot, ".secretlintrc.json"), "**/*"], { cwd: path, reject: false, all: true });
  if (exitCode !== 0 && exitCode !== 1) throw new Error(all);
  return { found: exitCode === 1, output: all };
}

const pem = generateKeyPairSync("ec", { namedCurve: "P-256", privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } });
const gpgFrame = (kind: string): string => `-----BEGIN PGP ${kind} KEY BLOCK-----\n\n${randomBytes(300).toString("base64").replaceAll(/(.{64})/g, "$1\n")}\n-----END PGP ${kind} KEY BLOCK-----\n`;
const letters = (count: number): string => Array.from(randomBytes(count), (byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[byte % 26]).join("");

const identity = await generateX25519Identity();
const postQuantum = await generateHybridIdentity();
const recipient = await identityToRecipient(identity);
const sealed = await seal("a value", { environment: "e", secret: "s", version: 1, made: "2026-11-22T08:00:00.000Z" }, [recipient]);

describe("a planted secret is found, and not repeated", () => {
  test.each([
    ["an age identity", identity],
    ["a post-quantum age identity", postQuantum],
    ["a PEM private key", pem.privateKey],
    ["a GPG private key", gpgFrame("PRIVATE")],
    ["a Scaleway access key", `access: SCW${letters(17)}`],
    ["a Scaleway secret key", `SCW_SECRET_KEY=${randomUUID()}`],
    ["a Scaleway secret key in YAML", `scaleway:\n  secret_key: "${randomUUID()}"`],
    ["a token of OpenBao", `token: s.1${letters(23)}`],
    ["a URL with a password", `postgres://${["app", randomBytes(12).toString("hex")].join(":")}@db.example.org/app`],
  ])("%s", async (_what, secret) => {
    const { found, output } = await scan(`before\n${secret}\nafter\n`);
    expect(found).toBe(true);
    const middle = secret.slice(Math.floor(secret.length / 2), Math.floor(secret.length / 2) + 12);
    expect(output).not.toContain(middle);
  });
});

describe("what is no secret is left alone", () => {
  test.each([
    ["an age recipient", recipient],
    ["a sealed value", sealed],
    ["a public key", pem.publicKey],
    ["a GPG public key", gpgFrame("PUBLIC")],
    ["a UUID", `project: ${randomUUID()}`],
    ["the path of a secret", "SCW_SECRET_KEY_FILE=/run/secrets/SCW_SECRET_KEY"],
  ])("%s", async (_what, text) => {
    expect(await scan(`${text}\n`)).toMatchObject({ found: false });
  });
});

test("nothing in the repository looks like a secret", { timeout: 120_000 }, async () => {
  const { exitCode, all } = await execa(process.execPath, [secretlint, "--no-color", "**/*"], { cwd: repositoryRoot, reject: false, all: true });
  expect(all).toBe("");
  expect(exitCode).toBe(0);
});

describe("the hook before a commit", () => {
  const git = (root: string, ...args: string[]) => execa("git", ["-c", "user.name=a test", "-c", "user.email=test@example.org", ...args], { cwd: root, reject: false, all: true });

  /** A repository with our rules and the hook. */
  async function repository(): Promise<string> {
    const root = folder();
    execFileSync("git", ["init", "--quiet", root]);
    symlinkSync(join(repositoryRoot, "node_modules"), join(root, "node_modules"));
    for (const file of [".secretlintrc.json", ".secretlintignore", "tools/jlam/src/secrets/scan/pre-commit"]) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), readFileSync(join(repositoryRoot, file)), { mode: 0o755 });
    }
    expect(await installHook(root)).toBe(join(root, ".git", "hooks", "pre-commit"));
    return root;
  }
  const commit = async (root: string) => git(root, "commit", "--quiet", "--message", "a change");

  test("lets a harmless change pass", async () => {
    const root = await repository();
    writeFileSync(join(root, "README.md"), "hello\n");
    await git(root, "add", "README.md");
    expect(await commit(root)).toMatchObject({ exitCode: 0 });
  });

  test("refuses a secret that is staged, though the file no longer holds it", async () => {
    const root = await repository();
    writeFileSync(join(root, "README.md"), identity);
    await git(root, "add", "README.md");
    writeFileSync(join(root, "README.md"), "hello\n");
    const { exitCode, all } = await commit(root);
    expect(exitCode).toBe(1);
    expect(all).toContain("Nothing was committed.");
  });

  test("says nothing of a secret that isn't staged", async () => {
    const root = await repository();
    writeFileSync(join(root, "README.md"), "hello\n");
    await git(root, "add", "README.md");
    writeFileSync(join(root, "README.md"), identity);
    expect(await commit(root)).toMatchObject({ exitCode: 0 });
  });

  test("is never written over a hook of somebody's own", async () => {
    const root = await repository();
    const path = join(root, ".git", "hooks", "pre-commit");
    writeFileSync(path, "#!/bin/sh\n# mine\n");
    expect(await installHook(root)).toBeUndefined();
    expect(readFileSync(path, "utf8")).toContain("# mine");
  });
});
