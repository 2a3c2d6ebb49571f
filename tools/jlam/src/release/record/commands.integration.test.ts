/** The commands of releases, run as people run them, over a platform of two environments in a repository of its own. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repositoryRoot } from "../../synth/platform.ts";
import { keepJournal } from "../journal/kept.ts";
import { entryFacts, sampleJournal } from "../sample.fixture.ts";
import { findRelease } from "./archive.ts";
import { hashOf } from "./canonical.ts";
import { addFiles, fileAt, openRepository, snapshot } from "./repository.ts";
import { namespaces, sign } from "./signature.ts";

const environment = (name: string, range: string, more: string): string => `import { environment, exec, ${more === "" ? "" : "gated, "}image, localAuthority, lockedImages, service, stack } from "@jlam/compose-dsl";
import lock from "./images.lock.json" with { type: "json" };

const a = service("a", { owner: "team", image: image("a", "a:1"), health: exec(["true"]), resources: { memory: "64M", cpus: 0.1 } });

export default environment("${name}", {
  domain: "${name}.example",
  host: { memory: "1G", cpus: 1 },
  range: "${range}",
  publishing: { address: "127.0.0.1", http: 80, https: 443 },
  stacks: [stack("a", { services: [a] })],
  provides: [],
  certificates: localAuthority(),
  images: lockedImages({ registry: "registry.example", lock }),
${more}});
`;

let root = "";
let keys = "";
const keyOf = (name: string): string => join(keys, name);
const signer = (name: string, ...granted: readonly string[]): string => `${name}@example.nl namespaces="${granted.join(",")}" ${readFileSync(`${keyOf(name)}.pub`, "utf8").split(" ").slice(0, 2).join(" ")}\n`;

const gitAs = (who: string, ...args: readonly string[]): string => execFileSync("git", ["-c", `user.name=${who}`, "-c", `user.email=${who}@example.nl`, ...args], { cwd: root, encoding: "utf8", timeout: 60_000, stdio: ["ignore", "pipe", "pipe"] });

/** Runs one command as somebody. */
function jlam(who: string, ...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "tools/jlam/src/main.ts"), ...args], { cwd: root, encoding: "utf8", timeout: 120_000, env: { ...process.env, GIT_AUTHOR_NAME: who, GIT_AUTHOR_EMAIL: `${who}@example.nl`, GIT_COMMITTER_NAME: who, GIT_COMMITTER_EMAIL: `${who}@example.nl`, JLAM_SIGNING_KEY: keyOf(who) } });
  return { status, stdout, stderr };
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "jlam-releases-"));
  keys = mkdtempSync(join(tmpdir(), "jlam-keys-"));
  for (const name of ["anna", "bram", "ci"]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", keyOf(name)], { timeout: 30_000 });
  cpSync(join(repositoryRoot, "tools/jlam"), join(root, "tools/jlam"), { recursive: true, filter: (source) => !source.includes("node_modules") });
  for (const folder of ["node_modules", "tools/jlam/node_modules"]) symlinkSync(join(repositoryRoot, folder), join(root, folder));
  for (const file of ["tsconfig.base.json", "environments/tsconfig.json"]) cpSync(join(repositoryRoot, file), join(root, file), { recursive: true });
  writeFileSync(join(root, ".gitignore"), "node_modules\n.jlam\n");
  mkdirSync(join(root, "apps"));
  for (const [name, range, more] of [["staging", "10.144.0.0/12", ""], ["production", "10.128.0.0/12", '  releases: gated({ seenIn: "staging", freezes: [] }),\n']] as const) {
    mkdirSync(join(root, "environments", name), { recursive: true });
    writeFileSync(join(root, "environments", name, "environment.ts"), environment(name, range, more));
    writeFileSync(join(root, "environments", name, "images.lock.json"), "{}\n");
    writeFileSync(join(root, "environments", name, "package.json"), '{ "type": "module" }\n');
  }
  writeFileSync(join(root, "environments/production/allowed_signers"), signer("anna", namespaces.approval) + signer("bram", namespaces.approval) + signer("ci", namespaces.evidence, namespaces.journal));
  writeFileSync(join(root, "environments/staging/allowed_signers"), signer("ci", namespaces.journal));
  gitAs("bram", "init", "--quiet", "--initial-branch=main");
  execFileSync(process.execPath, [join(root, "tools/jlam/src/main.ts"), "synth"], { cwd: root, timeout: 120_000, stdio: "ignore" });
  gitAs("bram", "add", ".");
  gitAs("bram", "commit", "--quiet", "-m", "the platform");
});

afterAll(() => {
  for (const folder of [root, keys]) rmSync(folder, { recursive: true, force: true });
});

/** Digests of the images that "were built from this revision", outside the tree. */
const digests = (): string => {
  const path = join(keys, "digests.json");
  writeFileSync(path, JSON.stringify({ "a:1": hashOf("a") }));
  return path;
};

describe("the way of a release", () => {
  let id = "";

  test("an image that isn't locked is refused, by name", () => {
    const { status, stderr } = jlam("bram", "release", "build");
    expect(status).toBe(1);
    expect(stderr).toContain("a:1 in staging: it has no digest");
    expect(stderr).not.toContain("    at ");
  });

  test("a dirty tree is refused", () => {
    writeFileSync(join(root, "apps/stray.txt"), "not committed");
    const { status, stderr } = jlam("bram", "release", "build", "--digests", digests());
    rmSync(join(root, "apps/stray.txt"));
    expect([status, stderr]).toEqual([1, expect.stringContaining("apps/stray.txt")]);
  });

  test("it is built once, and the second time is the same", () => {
    const first = jlam("bram", "release", "build", "--digests", digests());
    expect(first.stderr).toContain("is made of revision");
    expect(first.status).toBe(0);
    id = first.stdout.trim();
    expect(id).toMatch(/^[0-9a-f]{12}$/);
    const again = jlam("bram", "release", "build", "--digests", digests());
    expect([again.stdout.trim(), again.stderr]).toEqual([id, expect.stringContaining("was made before")]);
  });

  test("it is listed and shown", () => {
    expect(jlam("bram", "release", "list").stdout).toContain(id);
    expect(jlam("bram", "release", "show", id.slice(0, 6)).stdout).toContain(`a:1@${hashOf("a")}`);
    expect(jlam("bram", "release", "show", "nothing")).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no release "nothing".') });
  });

  test("it can't be promoted before staging had it", () => {
    expect(jlam("bram", "promote", "staging", "production")).toMatchObject({ status: 1, stderr: expect.stringContaining("staging has no release to promote") });
    expect(jlam("bram", "promote", "production", "staging")).toMatchObject({ status: 2, stderr: expect.stringContaining("staging takes no releases from production") });
  });

  test("after its soak it can't be promoted without tests of its revision", async () => {
    const repository = await openRepository(root, "");
    const release = await findRelease(await snapshot(repository), id);
    const at = new Date(Date.now() - 3 * 3_600_000).toISOString();
    await keepJournal(repository, "staging", sampleJournal("staging", [entryFacts(release, { at })]).text, async (text) => await sign(text, keyOf("ci"), namespaces.journal));
    expect(jlam("bram", "promote", "staging", "production")).toMatchObject({ status: 3, stderr: expect.stringContaining("nothing says that the tests of revision") });
  });

  test("with tests that CI signed for it is promoted", () => {
    const result = join(keys, "tests.json");
    writeFileSync(result, JSON.stringify({ phases: [], total: { passed: 12, failed: 0, skipped: 0 } }));
    expect(jlam("ci", "release", "evidence", "tests", "--result", result)).toMatchObject({ status: 0, stdout: "tests: passed\n" });
    const { status, stdout, stderr } = jlam("bram", "promote", "staging", "production");
    expect([status, stderr]).toEqual([0, expect.stringContaining(`Release ${id} is promoted to production`)]);
    expect(stdout).toContain("start a (risk low; nobody waits)");
    expect(JSON.parse(jlam("bram", "release", "list", "--json").stdout)).toMatchObject([{ serves: ["staging"], promoted: ["production"], tests: "passed" }]);
  });

  test("its author can't approve it, and somebody else can", () => {
    expect(jlam("bram", "approve", "production", "--yes")).toMatchObject({ status: 3, stderr: expect.stringContaining("its approver wrote part of the release") });
    const { status, stdout } = jlam("anna", "approve", "production", "--yes");
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^[0-9a-f]{16}\n$/)]);
    expect(jlam("anna", "approve", "production", "--list").stdout).toContain("anna@example.nl");
  });

  test("without a terminal nothing is approved unless --yes says so", () => {
    expect(jlam("anna", "approve", "production")).toMatchObject({ status: 1, stderr: expect.stringContaining("Nothing was approved.") });
  });

  test("an approval is taken back with a reason only", () => {
    const [approval = ""] = /[0-9a-f]{16}/.exec(jlam("anna", "approve", "production", "--list").stdout) ?? [];
    expect(jlam("anna", "approve", "--revoke", approval).status).toBe(2);
    expect(jlam("anna", "approve", "--revoke", approval.slice(0, 6), "--reason", "a mistake")).toMatchObject({ status: 0, stdout: `${approval}\n` });
    expect(jlam("anna", "approve", "production", "--list").stdout).toContain("a mistake");
  });
});

describe("the history", () => {
  test("is shown, counted, and written as a page", () => {
    expect(jlam("bram", "history", "staging")).toMatchObject({ status: 0, stdout: expect.stringContaining("Deploys: 1") });
    expect(jlam("bram", "history", "--metrics").stdout).toContain('jlam_deploys_total{environment="staging"} 1');
    const page = join(keys, "history.html");
    expect(jlam("bram", "history", "--page", page).status).toBe(0);
    expect(readFileSync(page, "utf8")).toContain("<h2>staging</h2>");
  });

  test("is verified against its signed head, and a host's own file against it", async () => {
    expect(jlam("bram", "history", "verify", "staging")).toMatchObject({ status: 0, stdout: "✔ 1 entries, each follows from the one before; the head is signed by ci@example.nl\n" });
    const text = (await fileAt(await snapshot(await openRepository(root, "")), "journals/staging/journal.jsonl")) ?? "";
    const copy = join(keys, "journal.jsonl");
    writeFileSync(copy, text.replace("ci@example.nl", "me@example.nl"));
    expect(jlam("bram", "history", "verify", "staging", "--journal", copy)).toMatchObject({ status: 4, stdout: expect.stringContaining("broken at entry 1: its content was changed") });
  });

  test("that was cut is told with the entry from which on it can't be believed", async () => {
    const repository = await openRepository(root, "");
    await addFiles(repository, "an attempt", async () => [{ path: "journals/staging/journal.jsonl", text: "", replaces: true }]);
    expect(jlam("bram", "history", "verify", "staging")).toMatchObject({ status: 4, stdout: expect.stringContaining("broken at entry 1") });
    expect(jlam("bram", "history", "staging").status).toBe(4);
  });
});
