/**
 * Our types and labels against the real Traefik: everything they can say is loaded by the program
 * without an error or a warning. The labels come from a stand-in for the engine's API on 127.0.0.1
 * that knows one container, so that no engine is needed; decoding is Traefik's own.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { traefikLabels } from "./labels.ts";
import * as rule from "./rule.ts";
import type { StaticConfiguration } from "./static.ts";
import { everyBalancingKey, everyDynamicKey, everyMiddleware, everyRouterKey, everyStaticKey } from "./traefik.fixture.ts";

const program = process.env["JLAM_TRAEFIK"] ?? "traefik";
const version = /Version:\s+(\S+)/.exec(spawnSync(program, ["version"], { encoding: "utf8", timeout: 20_000 }).stdout)?.[1];
const missing = version === undefined ? " (not run: no `traefik` in PATH, and JLAM_TRAEFIK does not name one)" : "";

/** What in a log of Traefik is nobody's mistake: the test gives it addresses where nothing listens. */
const UNREACHABLE = /connection refused|Cannot connect to the Docker daemon|unable to communicate with the ACME|context canceled/;

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

interface Run {
  readonly api: string;
  /** Its warnings and errors up to now. */
  readonly complaints: () => readonly string[];
  readonly exited: () => boolean;
}

describe.skipIf(missing !== "" && process.env["JLAM_REQUIRE_ALL"] !== "1")(`Traefik ${version ?? ""}${missing}`, () => {
  it("starts with every key of the static and dynamic configuration, and complains about none", async () => {
    const directory = workspace();
    writeFileSync(join(directory, "dynamic", "all.yml"), JSON.stringify(everyDynamicKey(join(directory, "dynamic"))));
    const [web, traefik] = await freePorts();
    const run = await start(directory, everyStaticKey(join(directory, "dynamic"), { web, traefik }));
    expect(await troubles(run, ["http/routers", "http/services", "http/middlewares", "tcp/routers", "tcp/services", "tcp/middlewares"])).toEqual([]);
    expect(await names(run, "http/middlewares")).toEqual(expect.arrayContaining(Object.keys(everyMiddleware).map((name) => `${name}@file`)));
    expect(run.complaints()).toEqual([]);
  });

  it("reads every label that we make as it reads the same configuration in a file", async () => {
    const labels = traefikLabels({
      routers: { every: { ...everyRouterKey, entryPoints: ["web"] } },
      services: {
        web: { loadBalancer: { ...everyBalancingKey, server: { port: 3000, scheme: "h2c", weight: 1, preservePath: true } }, middlewares: ["compress"] },
      },
      middlewares: everyMiddleware,
    });
    const run = await startWithLabels({ "traefik.enable": "true", ...labels });
    expect(await troubles(run, ["http/routers", "http/services", "http/middlewares"])).toEqual([]);
    expect(await names(run, "http/routers")).toContain("every@docker");
    const middlewares = await items(run, "http/middlewares");
    for (const name of Object.keys(everyMiddleware)) {
      expect(contentOf(middlewares, `${name}@docker`), name).toEqual(contentOf(middlewares, `${name}@file`));
    }
    expect(run.complaints()).toEqual([]);
  });

  it("drops a container with a label that it doesn't know, so that the test above can fail", async () => {
    const run = await startWithLabels({ "traefik.enable": "true", "traefik.http.routers.a.rule": "Host(`a`)", "traefik.http.routers.a.colour": "red" });
    expect(await names(run, "http/routers")).not.toContain("a@docker");
    expect(run.complaints().join("\n")).toContain("colour");
  });

  it("reads every rule that we write, and none of the v2 syntax", async () => {
    const rules = [
      rule.host("a.test"), rule.host("*.a.test"), rule.hostRegexp("^a[0-9]{1,2}\\.test$"), rule.path("/a b"), rule.pathPrefix("/a\"'\\"),
      rule.pathRegexp("^/a{2,3}"), rule.header("X-A", 'say "b"'), rule.headerRegexp("X-A", "b|c"), rule.method("POST"), rule.clientIp("10.0.0.0/8"),
      rule.clientIp("fd00::/8"), rule.query("a"), rule.query("a", "b"), rule.queryRegexp("a", "b+"),
      rule.and(rule.host("a.test"), rule.or(rule.path("/a"), rule.path("/b")), rule.not(rule.and(rule.method("GET"), rule.query("c")))),
    ].map(rule.ruleText);
    const routers = Object.fromEntries([...rules, "Host(`a.test`, `b.test`)"].map((text, index) => [`r${index}`, { rule: text, service: "api@internal" }]));
    const directory = workspace();
    writeFileSync(join(directory, "dynamic", "rules.yml"), JSON.stringify({ http: { routers } }));
    const [web, traefik] = await freePorts();
    const run = await start(directory, smallStatic(directory, web, traefik));
    const loaded = (await items(run, "http/routers")).filter(({ name }) => name.startsWith("r"));
    expect(loaded).toHaveLength(rules.length + 1);
    expect(loaded.filter(({ status }) => status !== "enabled").map(({ name }) => name)).toEqual([`r${rules.length}@file`]);
  });

  it("refuses to start with a key that it doesn't know, likewise", async () => {
    const directory = workspace();
    const [, traefik] = await freePorts();
    const { entryPoints, ...rest } = smallStatic(directory, 1, traefik);
    const run = launch(directory, { ...rest, entryPoints: { ...entryPoints, web: { ...entryPoints["web"], colour: "red" } } }, traefik);
    await expect.poll(run.exited, { timeout: 20_000 }).toBe(true);
  });

  it("warns when an entry point doesn't say what happens to alias headers", async () => {
    const directory = workspace();
    const [web, traefik] = await freePorts();
    const { entryPoints, ...rest } = smallStatic(directory, web, traefik);
    const run = await start(directory, { ...rest, entryPoints: { ...entryPoints, web: { address: `127.0.0.1:${web}` } } });
    await expect.poll(() => run.complaints().join("\n"), { timeout: 10_000 }).toContain("aliasHeadersStrategy is not configured");
  });
}, 60_000);

function smallStatic(directory: string, web: number, traefik: number, engine?: number): StaticConfiguration {
  return {
    global: { checkNewVersion: false },
    entryPoints: {
      web: { address: `127.0.0.1:${web}`, http: { aliasHeadersStrategy: "delete", encodedCharacters: { allowEncodedBackSlash: false } } },
      traefik: { address: `127.0.0.1:${traefik}`, http: { aliasHeadersStrategy: "delete" } },
    },
    providers: {
      file: { directory: join(directory, "dynamic") },
      ...(engine === undefined ? {} : { docker: { endpoint: `tcp://127.0.0.1:${engine}`, exposedByDefault: false } }),
    },
    api: { insecure: true },
    log: { level: "INFO", format: "json" },
  };
}

async function startWithLabels(labels: Readonly<Record<string, string>>): Promise<Run> {
  const directory = workspace();
  writeFileSync(join(directory, "dynamic", "all.yml"), JSON.stringify(everyDynamicKey(join(directory, "dynamic"))));
  const [web, traefik] = await freePorts();
  const engine = await engineWith(labels);
  const run = await start(directory, smallStatic(directory, web, traefik, engine));
  await expect.poll(async () => (await names(run, "http/routers")).some((name) => name.endsWith("@docker")) || run.complaints().length > 0, { timeout: 15_000 }).toBe(true);
  return run;
}

/** A directory with a certificate for a.test, removed after the test. */
function workspace(): string {
  const directory = mkdtempSync(join(tmpdir(), "traefik-test-"));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  const dynamic = join(directory, "dynamic");
  mkdirSync(dynamic);
  const made = spawnSync("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=a.test",
    "-addext", "subjectAltName=DNS:a.test", "-keyout", join(dynamic, "key.pem"), "-out", join(dynamic, "cert.pem"),
  ], { encoding: "utf8", timeout: 20_000 });
  expect(made.status, made.stderr).toBe(0);
  return directory;
}

async function start(directory: string, configuration: StaticConfiguration | object): Promise<Run> {
  const port = Number(/"traefik":\{"address":"127\.0\.0\.1:(\d+)"/.exec(JSON.stringify(configuration))?.[1]);
  const run = launch(directory, configuration, port);
  await expect.poll(() => fetch(`${run.api}/overview`).then(({ ok }) => ok, () => run.exited() ? run.complaints() : false), { timeout: 20_000 }).toBe(true);
  await pause(500);
  return run;
}

function launch(directory: string, configuration: object, port: number): Run {
  const file = join(directory, "traefik.yml");
  writeFileSync(file, JSON.stringify(configuration));
  const child: ChildProcess = spawn(program, [`--configfile=${file}`], { env: { HTTPREQ_ENDPOINT: "http://127.0.0.1:1" }, stdio: ["ignore", "pipe", "pipe"] });
  cleanups.push(() => child.kill("SIGKILL"));
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => output.push(text));
  return {
    api: `http://127.0.0.1:${port}/api`,
    exited: () => child.exitCode !== null,
    complaints: () => output.join("").split("\n").filter((line) => /"level":"(warn|error|fatal)"/.test(line) && !UNREACHABLE.test(line)),
  };
}

interface Item {
  readonly name: string;
  readonly status?: string;
  readonly error?: readonly string[];
}

async function items(run: Run, kind: string): Promise<readonly Item[]> {
  const response = await fetch(`${run.api}/${kind}?per_page=1000`);
  return (await response.json()) as readonly Item[];
}

async function names(run: Run, kind: string): Promise<readonly string[]> {
  return (await items(run, kind)).map(({ name }) => name);
}

/** What an item says, without what differs between providers. */
function contentOf(all: readonly Item[], name: string): unknown {
  const found = all.find((item) => item.name === name);
  expect(found, `${name} is loaded`).toBeDefined();
  return JSON.parse(JSON.stringify({ ...found, name: "", provider: "", usedBy: [] }).replaceAll(/@(file|docker)/g, ""));
}

async function troubles(run: Run, kinds: readonly string[]): Promise<readonly Item[]> {
  const all = await Promise.all(kinds.map((kind) => items(run, kind)));
  return all.flat().filter(({ status }) => status !== undefined && status !== "enabled");
}

/** Two free ports on 127.0.0.1. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(servers.map(listen));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0] ?? 0, ports[1] ?? 0];
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

/** The part of the engine's API that Traefik's docker provider reads, with one running container. */
async function engineWith(labels: Readonly<Record<string, string>>): Promise<number> {
  const id = "0123456789abcdef";
  const networks = { edge: { IPAddress: "127.0.0.1", NetworkID: "edge" } };
  const answers: readonly [RegExp, unknown][] = [
    [/\/version$/, { Version: "26.1.5", ApiVersion: "1.45", MinAPIVersion: "1.24" }],
    [/\/containers\/json$/, [{ Id: id, Names: ["/web"], Labels: labels, State: "running", NetworkSettings: { Networks: networks } }]],
    [/\/containers\/[^/]+\/json$/, {
      Id: id, Name: "/web", State: { Status: "running", Running: true }, HostConfig: { NetworkMode: "edge" }, Config: { Labels: labels },
      NetworkSettings: { Networks: networks, Ports: { "3000/tcp": null } },
    }],
  ];
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    response.setHeader("Api-Version", "1.45").setHeader("Content-Type", "application/json");
    if (path.endsWith("/events")) return void response.flushHeaders();
    const answer = answers.find(([pattern]) => pattern.test(path));
    response.end(answer === undefined ? "" : JSON.stringify(answer[1]));
  });
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return listen(server);
}
