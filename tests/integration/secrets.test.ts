/** No secret value is anywhere but in its file: not where the engine, Compose, the kernel, a log or git could show it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { compose } from "../../tools/jlam/src/runtime/project.ts";
import { demultiplex, engine } from "../../tools/jlam/src/runtime/containers.ts";
import { secretPaths } from "../../tools/jlam/src/secrets/provide.ts";
import { readStore } from "../../tools/jlam/src/secrets/store.ts";
import { repositoryRoot } from "../../tools/jlam/src/synth/platform.ts";
import { ci, containerId, emitted, runningServices, startedServices } from "./stack/environment.ts";
import { probe, probeLabels } from "./stack/probe.ts";
import { until } from "./stack/until.ts";

const paths = secretPaths(repositoryRoot, ci.name);

/** Every value of the store, and every line of every secret file that nobody may see. The certificate is for everybody. */
const values: ReadonlyMap<string, string> = new Map([
  ...Object.entries(readStore(paths.store).values).map(([id, { value }]) => [id, value] as const),
  ...[...ci.secrets.values()]
    .filter(({ source }) => !(source.kind === "issued" && source.part === "certificate"))
    .flatMap(({ consumers }) => consumers.map(({ service, file }) => `${service}/${file}`))
    .flatMap((file) => linesOf(file)),
]);

function linesOf(file: string): readonly (readonly [string, string])[] {
  const lines = readFileSync(join(paths.files, file), "utf8").split("\n");
  return lines.flatMap((line, index) => (line.length >= 16 && !line.startsWith("-----") ? [[`${file}:${index + 1}`, line] as const] : []));
}

/** Names of the values that occur in a text, plain or in base64. */
const foundIn = (text: string, wanted: ReadonlyMap<string, string> = values): readonly string[] =>
  [...wanted].filter(([, value]) => text.includes(value) || text.includes(Buffer.from(value).toString("base64").replace(/=+$/, ""))).map(([name]) => name);

const processes = z.object({ processes: z.array(z.object({ cmdline: z.string(), environ: z.string() })) });

/** Everywhere that is searched, by name; for the platform's containers and, as a control, for one with a planted value. */
const places = {
  "docker inspect": async (id: string) => JSON.stringify(await engine.getContainer(id).inspect()),
  "process arguments": async (id: string) => (await processesOf(id)).map(({ cmdline }) => cmdline).join("\n"),
  "process environment": async (id: string) => (await processesOf(id)).map(({ environ }) => environ).join("\n"),
  "the log": async (id: string) => demultiplex(await engine.getContainer(id).logs({ stdout: true, stderr: true, follow: false })),
  "the image and how it was made": async (id: string) => {
    const image = engine.getImage((await engine.getContainer(id).inspect()).Image);
    return JSON.stringify([await image.inspect(), await image.history()]);
  },
} as const;

const processesOf = async (id: string) =>
  (await probe({ program: "processes", output: processes, user: "0:0", in: { PidMode: `container:${id}`, CapAdd: ["SYS_PTRACE"] } })).processes;

const needsProcess: readonly string[] = ["process arguments", "process environment"];
const names = Object.entries(places);

test("there are values to look for", () => {
  expect(values.size).toBeGreaterThanOrEqual(ci.secrets.size);
});

describe.each(startedServices().map(({ name }) => name))("%s", (service) => {
  const here = names.filter(([place]) => !needsProcess.includes(place) || runningServices().some(({ name }) => name === service));

  test.each(here)("no secret is in %s", async (_, read) => {
    const text = await read(await containerId(service));
    expect(foundIn(text)).toEqual([]);
  });
});

test("no secret is in what `docker compose config` prints", async () => {
  const { all, failed } = await compose(inject("project"), ["config"], 60_000);
  expect(failed).toBe(false);
  expect(all).toContain("postgres-app");
  expect(foundIn(all)).toEqual([]);
});

test("no secret is in a generated file", () => {
  const files = readdirSync(emitted, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(10);
  for (const entry of files) expect(foundIn(readFileSync(join(entry.parentPath, entry.name), "utf8"))).toEqual([]);
});

test("git would not take the secrets' folders", async () => {
  const { stdout } = await execa("git", ["check-ignore", paths.files, paths.state], { cwd: repositoryRoot });
  expect(stdout.split("\n")).toEqual([paths.files, paths.state]);
});

describe("the same search", () => {
  const planted = new Map([["planted", "splanted-value-that-only-this-test-knows"]]);
  const value = planted.get("planted") ?? "";
  let id: string;

  beforeAll(async () => {
    const image = (await engine.getContainer(await containerId("web")).inspect()).Image;
    const container = await engine.createContainer({
      Image: image,
      Entrypoint: ["node", "-e", `console.log(process.env.PLANTED); setInterval(() => undefined, 60000); // ${value}`],
      Env: [`PLANTED=${value}`],
      Labels: probeLabels,
    });
    await container.start();
    const committed = await container.commit({ repo: "jlam-test/planted", tag: "latest", changes: `ENV LEAKED=${value}` });
    await container.remove({ force: true, v: true });
    expect(committed).toBeDefined();
    const leaky = await engine.createContainer({ Image: "jlam-test/planted:latest", Labels: probeLabels });
    await leaky.start();
    id = leaky.id;
    // Its first line must be in the log before anybody looks there.
    await until(async () => await places["the log"](id), (log) => log.includes(value), 10_000);
  });

  afterAll(async () => {
    await engine.getContainer(id).remove({ force: true, v: true });
    await engine.getImage("jlam-test/planted:latest").remove({ force: true });
  });

  test.each(names)("finds a planted value in %s", async (_, read) => {
    expect(foundIn(await read(id), planted)).toEqual(["planted"]);
  });

  test("finds a value in base64", () => {
    expect(foundIn(`Authorization: ${Buffer.from(value).toString("base64")}`, planted)).toEqual(["planted"]);
  });
});
