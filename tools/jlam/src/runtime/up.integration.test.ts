import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { writePrivately } from "../secrets/private-file.ts";
import { secretPaths } from "../secrets/provide.ts";
import { readStore, writeStore } from "../secrets/store.ts";
import { engine, listContainers } from "./containers.ts";
import { down } from "./down.ts";
import { status } from "./status.ts";
import { makeTrial } from "./trial.fixture.ts";
import { up, type UpResult } from "./up.ts";

const trial = makeTrial();
const { root, environment } = trial;
const project = `jlam-${environment}`;
const boot = (options: Partial<Parameters<typeof up>[0]> = {}) => up({ environment, root, checkTypes: false, ...options });
const ids = (result: UpResult) => Object.fromEntries(result.services.map(({ service, container }) => [service, container]));

afterAll(async () => {
  await trial.remove();
  await execa("docker", ["image", "rm", `jlam-trial/empty:${process.pid}`], { reject: false });
});

describe("an environment that is up", () => {
  beforeEach(async () => {
    await boot();
  });

  test("answers under the address that it names, with a certificate of this machine's authority", async () => {
    const { addresses, authority = "" } = await boot();
    const [address] = addresses;
    expect(address).toMatchObject({ url: `https://mail.jlam.localhost:${trial.ports.https}`, answers: true });
    expect(await statusOf("mail.jlam.localhost", trial.ports.https, readFileSync(authority, "utf8"))).toBe(200);
  });

  test("isn't changed by a second up, which says so: same containers, and the finished job stays finished", async () => {
    const before = await listContainers(project);
    const result = await boot();
    expect(result.changed).toEqual([]);
    expect(await listContainers(project)).toEqual(before.map((container) => ({ ...container, healthOutput: expect.any(String) })));
  });

  test("recreates what is asked for, and nothing else", async () => {
    const before = await boot();
    const after = await boot({ recreate: ["mail-outgoing"] });
    expect(after.changed).toEqual(["mail-outgoing"]);
    expect({ ...ids(after), "mail-outgoing": undefined }).toEqual({ ...ids(before), "mail-outgoing": undefined });
  });

  test("makes a service anew that reads a secret which a person gives; only the job that it waits for runs as well", async () => {
    const { given } = secretPaths(root, environment);
    writePrivately(join(given, "prepared.GREETING"), `good morning ${Date.now()}\n`);
    const { changed } = await boot();
    expect(changed).toEqual(["prepare", "prepared"]);
    const [prepared] = (await listContainers(project)).filter(({ service }) => service === "prepared");
    const { stdout } = await execa("docker", ["exec", prepared?.id ?? "", "cat", "/run/secrets/GREETING"]);
    expect(stdout).toMatch(/^good morning \d+$/);
    expect((await boot()).changed).toEqual([]);
  });

  test("gives a database its changed password before the job runs again that needs it", async () => {
    const { store } = secretPaths(root, environment);
    const { "postgres-app.owner": old, ...values } = readStore(store).values;
    expect(old).toBeDefined();
    writeStore(store, { version: 1, values });
    const { changed, services } = await boot();
    expect(changed).toEqual(expect.arrayContaining(["postgres-app", "prepare"]));
    expect(changed).not.toContain("mail-outgoing");
    expect(services.find(({ service }) => service === "prepare")).toMatchObject({ status: "exited", oneShot: true });
    expect((await boot()).changed).toEqual([]);
  });

  test("refuses to recreate what isn't there, and suggests the name that may be meant", async () => {
    await expect(boot({ recreate: ["mail-outgong"] })).rejects.toMatchObject({ exitCode: 2, fix: 'Did you mean "mail-outgoing"?' });
  });

  test("starts what was stopped", async () => {
    const [mail] = (await listContainers(project)).filter(({ service }) => service === "mail-outgoing");
    await execa("docker", ["stop", "--time", "1", mail?.id ?? ""]);
    const { services } = await boot();
    expect(services.find(({ service }) => service === "mail-outgoing")).toMatchObject({ change: "started", container: mail?.id });
  });

  test("says beforehand what it would do, and does none of it", async () => {
    const before = await listContainers(project);
    const { plan } = await boot({ dryRun: true, recreate: ["traefik"] });
    expect(plan.filter(({ action }) => action !== "keep")).toEqual([{ service: "traefik", action: "recreate", because: "you asked for it", forced: true }]);
    expect((await listContainers(project)).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  test("replaces what a killed start left half made", async () => {
    const [mail] = (await listContainers(project)).filter(({ service }) => service === "mail-outgoing");
    await execa("docker", ["rename", mail?.id ?? "", `0123456789ab_${mail?.name ?? ""}`]);
    await boot();
    const names = (await listContainers(project)).filter(({ service }) => service === "mail-outgoing").map(({ name }) => name);
    expect(names).toEqual([`${project}-mail-outgoing-1`]);
  });

  test("tells its state with memory and limits", async () => {
    const { healthy, services } = await status(environment, root);
    const database = services.find(({ service }) => service === "postgres-app");
    expect(healthy).toBe(true);
    expect(database).toMatchObject({ status: "running", health: "healthy", memoryLimit: 256 * 1024 ** 2 });
    expect(database?.memory).toBeGreaterThan(1024 ** 2);
    expect(database?.memory).toBeLessThan(256 * 1024 ** 2);
  });

  test("lets psql in as each role without a password, and refuses writes unless asked", async () => {
    for (const role of ["application", "owner", "monitoring", "backup"]) {
      expect((await psql(role, false, "select current_user")).stdout.trim()).toBe(`app_${role}`);
    }
    expect((await psql("owner", false, "create table refused (x int)")).stderr).toContain("read-only transaction");
    expect((await psql("owner", true, "create table if not exists kept (x int)")).exitCode).toBe(0);
  });

  test("keeps its data through down and up", async () => {
    await psql("owner", true, "create table if not exists kept (x int)");
    const { services, keptVolumes } = await down({ environment, root });
    expect(services).toContain("postgres-app");
    expect(keptVolumes).toContainEqual({ name: `${project}_postgres-app`, holds: "medical-data" });
    expect((await status(environment, root)).services.every((service) => service.status === "absent")).toBe(true);
    await boot();
    expect((await psql("application", false, "select to_regclass('kept')")).stdout.trim()).toBe("kept");
  });
});

describe("an environment that is taken down", () => {
  test("leaves no volume behind that only an image asked for", async () => {
    await boot();
    const containers = await engine.listContainers({ all: true, filters: { label: [`com.docker.compose.project=${project}`, "com.docker.compose.service=prepared"] } });
    const asked = containers.flatMap(({ Mounts }) => Mounts.flatMap(({ Type, Name }) => (Type === "volume" ? [Name] : [])));
    expect(asked).not.toEqual([]);
    await down({ environment, root });
    const { Volumes: volumes } = await engine.listVolumes();
    expect(volumes.map(({ Name }) => Name).filter((name) => asked.includes(name))).toEqual([]);
  });
});

describe("an environment that is down", () => {
  beforeEach(async () => {
    await down({ environment, root, removeVolumes: async () => true });
  });

  test("stays as it is when it is taken down again", async () => {
    expect(await down({ environment, root })).toMatchObject({ services: [], networks: 0, removedVolumes: [] });
  });

  test("isn't booted while another program has its port, which is named", async () => {
    const server = createServer().listen(trial.ports.https, "127.0.0.1");
    await once(server, "listening");
    await expect(boot()).rejects.toThrow(`${trial.ports.https} by node (process ${process.pid})`);
    server.close();
    expect(await listContainers(project)).toEqual([]);
  });

  test("says what failed, and why, when an image is not what it should be", async () => {
    process.env["JLAM_IMAGE_POSTGRES"] = await emptyImage();
    const failure = boot().finally(() => delete process.env["JLAM_IMAGE_POSTGRES"]);
    await expect(failure).rejects.toMatchObject({ service: "postgres-app", likelyCause: { what: expect.stringMatching(/image has not the program/) } });
  });

  test("comes up after a start that was killed, and never runs two starts at once", async () => {
    const first = startInChild();
    await untilContainers();
    await expect(boot()).rejects.toThrow(`\`jlam up ${environment}\` is at it already.`);
    first.kill("SIGKILL");
    await once(first, "exit");
    const { services } = await boot();
    expect(services.every(({ oneShot, health, status: state }) => (oneShot ? state === "exited" : health === "healthy"))).toBe(true);
  });

  test("runs nothing after a first start was interrupted", async () => {
    const first = startInChild();
    await untilContainers();
    first.kill("SIGINT");
    const [exitCode] = await once(first, "exit");
    expect(exitCode).toBe(130);
    expect((await listContainers(project)).filter((container) => container.status === "running")).toEqual([]);
  });
});

/** `up` in a process of its own, as the command line runs it. */
function startInChild(): ChildProcess {
  const source = join(import.meta.dirname, "..");
  const script = `
    import { handleInterrupts } from ${JSON.stringify(join(source, "terminal/interrupt.ts"))};
    import { up } from ${JSON.stringify(join(source, "runtime/up.ts"))};
    handleInterrupts();
    await up({ environment: ${JSON.stringify(environment)}, root: ${JSON.stringify(root)}, checkTypes: false }).catch(() => undefined);
  `;
  return spawn(process.execPath, ["--input-type=module-typescript", "--eval", script], { stdio: "ignore" });
}

async function untilContainers(): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
    if ((await listContainers(project)).some((container) => container.status === "running")) return;
  }
  throw new Error("The other start made no container within a minute.");
}

async function psql(role: string, write: boolean, statement: string) {
  const script = `
    import { session } from ${JSON.stringify(join(import.meta.dirname, "psql.ts"))};
    process.exitCode = await session({ environment: ${JSON.stringify(environment)}, root: ${JSON.stringify(root)}, database: "app", role: ${JSON.stringify(role)}, write: ${String(write)}, args: ["--tuples-only", "--command", ${JSON.stringify(statement)}] });
  `;
  return await execa(process.execPath, ["--input-type=module-typescript", "--eval", script], { reject: false, stdin: "ignore" });
}

/** An image without a single file; removed with the trial. */
async function emptyImage(): Promise<string> {
  const tag = `jlam-trial/empty:${process.pid}`;
  // Two blocks of zeroes end a tar archive (POSIX, pax), so this is one without members.
  await execa("docker", ["import", "-", tag], { input: new Uint8Array(1_024) });
  return tag;
}

function statusOf(host: string, port: number, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, servername: host, headers: { host }, ca, path: "/index.html", timeout: 10_000 }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}
