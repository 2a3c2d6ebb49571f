/**
 * A canary goes the way of every secret: typed into `jlam secrets set`, sealed, rotated, written for its container and read
 * there. Afterwards it is in that one file of that one container's folder, and nowhere else.
 */
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { image as modelImage, service } from "@jlam/compose-dsl";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageOnThisMachine } from "../../databases/provided-service.ts";
import { repositoryRoot } from "../../synth/platform.ts";
import { createIdentity } from "../sealed/identity.ts";
import { recipientRoles, writeRecipients, type Recipient } from "../sealed/recipients.ts";
import { findCanary, textPlace, type Place } from "./find-canary.ts";
import { commandPlace, containerPlaces, folderPlaces } from "./places.ts";

const name = `canary-${process.pid}`;
const canary = `canary-${randomBytes(24).toString("base64url")}`;
const busybox = modelImage("busybox", "docker.io/library/busybox:1.37");
const image = await imageOnThisMachine(service("busybox", { owner: "tests", image: busybox, resources: { memory: "32M", cpus: 0.1 } }));

const declaration = `
import { environment, exec, image, localAuthority, provided, generated, replaceableImages, sealedSecrets, service, stack } from "@jlam/compose-dsl";
import sealed from "./secrets.age.json" with { type: "json" };

const common = { owner: "tests", image: image("busybox", "docker.io/library/busybox:1.37"), user: "65534:65534", resources: { memory: "32M", cpus: 0.2 }, stopGrace: "1s" };
const reader = service("reader", {
  ...common,
  // It reads its secret, and says what it may say of it.
  command: ["sh", "-c", "wc -c < /run/secrets/TOKEN; exec sleep 600"],
  health: exec(["test", "-s", "/run/secrets/TOKEN"]),
  secrets: { TOKEN: provided("token of a friend") },
});
const neighbour = service("neighbour", { ...common, command: ["sleep", "600"], health: exec(["test", "-s", "/run/secrets/OWN"]), secrets: { OWN: generated({ bytes: 32 }) } });

export default environment(${JSON.stringify(name)}, {
  domain: "canary.localhost",
  host: { memory: "1G", cpus: 1 },
  range: "10.240.0.0/12",
  publishing: { address: "127.0.0.1", http: 14080, https: 14443 },
  stacks: [stack("birds", { services: [reader, neighbour] })],
  provides: [],
  certificates: localAuthority(),
  images: replaceableImages,
  secrets: sealedSecrets(sealed),
});
`;

describe.skipIf(image === undefined)(`a canary secret (${image ?? "no image of BusyBox on this machine"})`, () => {
  const root = join(tmpdir(), `jlam-${name}`);
  const folder = join(root, "environments", name);
  const outside = join(tmpdir(), `jlam-${name}-host`);
  const identity = join(outside, "identity");
  const secrets = join(outside, "secrets");
  const said: Place[] = [];
  const project = `jlam-${name}`;
  const variables = { JLAM_IMAGE_BUSYBOX: image ?? "", JLAM_SECRETS: join(secrets, "current"), JLAM_RELEASE_SECRETS: join(secrets, "current") };

  /** Runs the command line of the copy; what it says is a place like any other. */
  async function jlam(args: readonly string[], input = "", fails = false): Promise<string> {
    const { exitCode, all } = await execa(process.execPath, [join(root, "tools/jlam/src/main.ts"), ...args], { input, all: true, reject: false, env: { JLAM_AGE_IDENTITY_FILE: identity, JLAM_DEBUG: "1", EDITOR: "true" } });
    expect(exitCode === 0, all).toBe(!fails);
    said.push(textPlace(`jlam ${args.join(" ")}`, all));
    return all;
  }
  /** The same at a terminal, where a person types once they are asked; whatever the terminal shows is a place. */
  async function typed(args: readonly string[], input: string): Promise<void> {
    const line = [process.execPath, join(root, "tools/jlam/src/main.ts"), ...args].map((word) => `'${word}'`).join(" ");
    const terminal = execa("script", ["--quiet", "--return", "--command", line, "/dev/null"], { all: true, reject: false, env: { JLAM_AGE_IDENTITY_FILE: identity } });
    terminal.all.once("data", () => terminal.stdin.end(`${input}\r`));
    const { exitCode, all } = await terminal;
    expect(exitCode, all).toBe(0);
    expect(all).toContain("Value of");
    said.push(textPlace(`the terminal of jlam ${args.join(" ")}`, all));
  }
  const compose = (...args: readonly string[]) => execa("docker", ["compose", "--file", join(folder, "generated/compose.yaml"), ...args], { env: variables, all: true });
  const containerOf = async (of: string): Promise<string> => (await compose("ps", "--quiet", of)).stdout.trim();

  beforeAll(async () => {
    for (const place of [root, outside]) mkdirSync(place, { mode: 0o700 });
    for (const shared of [".node-version", "apps", "libs", "node_modules", "package.json", "tsconfig.json", "tsconfig.base.json"]) symlinkSync(join(repositoryRoot, shared), join(root, shared));
    cpSync(join(repositoryRoot, "tools/jlam"), join(root, "tools/jlam"), { recursive: true, filter: (path) => !path.includes("node_modules") });
    const own = join(repositoryRoot, "tools/jlam/node_modules");
    if (existsSync(own)) symlinkSync(own, join(root, "tools/jlam/node_modules"));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "environment.ts"), declaration);
    writeFileSync(join(folder, "secrets.age.json"), '{ "format": 1, "secrets": {} }\n');
    const recipients: Recipient[] = [];
    for (const role of recipientRoles) recipients.push({ role, name: `the ${role}`, recipient: await createIdentity(role === "administrator" ? identity : join(outside, role)) });
    writeRecipients(root, name, recipients);
    await jlam(["secrets", "set", name, "--generate"]);
    // Each of these is given the canary and must not repeat it, least of all where it fails.
    await jlam(["secrets", "set", name, "reader.TOKAN"], canary, true);
    await jlam(["secrets", "set", name, "reader.TOKEN", "--dry-run"], canary);
    await jlam(["secrets", "set", name, "reader.TOKEN"], `${canary}\n`);
    await typed(["secrets", "set", name, "reader.TOKEN"], canary);
    await jlam(["secrets", "edit", name, "reader.TOKEN"]);
    await jlam(["secrets", "list", name, "--json"]);
    await jlam(["secrets", "check", name]);
    await jlam(["secrets", "rotate", name, "reader.TOKEN", "--plan"]);
    await jlam(["synth", name]);
    await jlam(["explain", name]);
    await execa("git", ["init", "--quiet"], { cwd: folder });
    await execa("git", ["add", "."], { cwd: folder });
    await execa("git", ["-c", "user.name=a test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message", "begin"], { cwd: folder });
    await jlam(["secrets", "files", name, "--into", secrets]);
    await compose("up", "--detach", "--wait", "--wait-timeout", "60");
  }, 600_000);

  afterAll(async () => {
    if (existsSync(join(folder, "generated"))) await compose("down", "--volumes", "--timeout", "1");
    for (const place of [root, outside]) rmSync(place, { recursive: true, force: true });
  }, 60_000);

  test("reaches the one container that declared it, and no other", async () => {
    const listed = async (of: string): Promise<string> => (await execa("docker", ["exec", await containerOf(of), "ls", "/run/secrets"])).stdout;
    expect([await listed("reader"), await listed("neighbour")]).toEqual(["TOKEN", "OWN"]);
    expect((await compose("logs", "reader")).all).toContain(String(canary.length));
  });

  test("is in its one file, and nowhere else", async () => {
    const file = join("1", "reader", "TOKEN");
    const found = await findCanary(canary, [
      ...folderPlaces("secrets on the host", secrets),
      ...folderPlaces("the repository", join(root, "environments")),
      ...folderPlaces("the command line", join(root, "tools")),
      ...folderPlaces("memory for editors", "/dev/shm"),
      ...folderPlaces("the environment's git", join(folder, ".git")),
      commandPlace("git's history", "git", ["-C", folder, "log", "--patch", "--all"]),
      ...(await containerPlaces(await containerOf("reader"))),
      ...(await containerPlaces(await containerOf("neighbour"))),
      textPlace("docker compose config", (await compose("config")).all),
      ...(await networkPlaces()),
      ...said,
    ]);
    expect(found).toEqual([{ place: `secrets on the host: ${file}`, as: "plain text" }]);
    expect(readdirSync(secrets)).toEqual(["1", "current"]);
  }, 120_000);

  test("is found wherever it is planted", async () => {
    const planted = join(root, "environments", name, "generated", "planted.yaml");
    writeFileSync(planted, `key: ${Buffer.from(`user:${canary}`).toString("base64")}\n`);
    const { stdout: leaking } = await execa("docker", ["run", "--detach", "--label", "nl.jlam.test=canary", "--env", `TOKEN=${canary}`, image ?? "", "sh", "-c", `echo "token: $TOKEN"; echo $TOKEN > /written; sleep 60; true`, canary], { reject: false });
    try {
      const { stdout: layered } = await execa("docker", ["commit", leaking, `jlam-trial/canary:${process.pid}`]);
      const places = [...(await containerPlaces(leaking)), commandPlace("layers", "docker", ["save", layered]), ...folderPlaces("the repository", join(root, "environments"))];
      const found = new Set((await findCanary(canary, places)).map(({ place }) => place));
      const expected = [`inspect of ${leaking}`, `log of ${leaking}`, `arguments in ${leaking}`, `environment in ${leaking}`, `file system of ${leaking}`, "layers", `the repository: ${relative(join(root, "environments"), planted)}`];
      expect([...found].sort()).toEqual(expected.sort());
    } finally {
      await execa("docker", ["rm", "--force", leaking]);
      await execa("docker", ["image", "rm", "--force", `jlam-trial/canary:${process.pid}`]);
      rmSync(planted);
    }
  }, 120_000);

  async function networkPlaces(): Promise<readonly Place[]> {
    const { stdout } = await execa("docker", ["network", "ls", "--quiet", "--filter", `label=com.docker.compose.project=${project}`]);
    return stdout.split("\n").filter((id) => id !== "").map((id) => commandPlace(`network ${id}`, "docker", ["network", "inspect", id]));
  }
});
