/**
 * The emitted files of the edge with its dashboard, loaded by the real Traefik on ports of 127.0.0.1. The outpost is a
 * server that knows one cookie; Docker isn't asked.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { request } from "node:https";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { emitFiles } from "@jlam/compose-dsl";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { watched } from "./dashboard.fixture.ts";

const program = process.env["JLAM_TRAEFIK"] ?? "traefik";
const isMissing = spawnSync(program, ["version"], { timeout: 20_000 }).status !== 0;
const notRun = isMissing ? " (not run: no `traefik` in PATH, and JLAM_TRAEFIK does not name one)" : "";

const host = "traefik.example.org";
const signInPage = "https://auth.example.org/";
/** Ports in the container; each gets a free one of this machine. */
const inContainer = { web: 8080, websecure: 8443, ping: 8082, metrics: 8084, dashboard: 8081, outpost: 9000 } as const;
type Ports = Readonly<Record<keyof typeof inContainer, number>>;

interface Answer {
  readonly status: number | undefined;
  readonly location: string | undefined;
  readonly body: string;
}

describe.skipIf(isMissing && process.env["JLAM_REQUIRE_ALL"] !== "1")(`Traefik with its dashboard${notRun}`, () => {
  const cleanups: (() => void)[] = [];
  const log: string[] = [];
  let folder: string;
  let ports: Ports;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "edge-dashboard-"));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    certificate(folder);
    const outpost = createServer(({ headers }, response) => {
      if (headers.cookie === "member=yes") response.end();
      else response.writeHead(302, { location: signInPage }).end();
    });
    cleanups.push(() => outpost.close());
    const [web, websecure, ping, metrics, dashboard] = await freePorts(5);
    ports = { web, websecure, ping, metrics, dashboard, outpost: await listen(outpost) };
    const configuration = writeConfiguration(folder, ports);
    const traefik = spawn(program, [`--configfile=${configuration}`], { stdio: ["ignore", "pipe", "pipe"] });
    cleanups.push(() => traefik.kill("SIGKILL"));
    for (const stream of [traefik.stdout, traefik.stderr]) stream.setEncoding("utf8").on("data", (text: string) => log.push(text));
    await vi.waitFor(async () => expect((await ask(host, "/")).status, log.join("")).toBe(302), { timeout: 20_000, interval: 200 });
  }, 60_000);

  afterAll(() => {
    for (const cleanup of cleanups.toReversed()) cleanup();
  });

  /** Asks the public entry point for a page of a host. */
  const ask = (name: string, path: string, cookie = "") =>
    new Promise<Answer>((resolve, reject) => {
      const ca = readFileSync(join(folder, "cert.pem"));
      request({ host: "127.0.0.1", port: ports.websecure, servername: name, path, ca, agent: false, headers: { host: name, cookie } }, (response) => {
        const parts: string[] = [];
        response.setEncoding("utf8").on("data", (part: string) => parts.push(part));
        response.on("end", () => resolve({ status: response.statusCode, location: response.headers.location, body: parts.join("") }));
      }).on("error", reject).end();
    });

  it.each(["/", "/dashboard/", "/api/rawdata"])("sends whoever hasn't signed in away from %s", async (path) => {
    expect(await ask(host, path)).toMatchObject({ status: 302, location: signInPage });
  });

  it("shows the dashboard to who has", async () => {
    expect(await ask(host, "/", "member=yes")).toMatchObject({ status: 302, location: "/dashboard/" });
    const page = await ask(host, "/dashboard/", "member=yes");
    expect(page.status).toBe(200);
    expect(page.body).toContain("<title>Traefik");
  });

  it("tells them of its routers, all of which it could load", async () => {
    const { body } = await ask(host, "/api/http/routers?per_page=100", "member=yes");
    const routers = JSON.parse(body) as readonly { readonly name: string; readonly status: string; readonly entryPoints: readonly string[] }[];
    expect(routers.filter(({ name }) => name.endsWith("@file")).map(({ name, status, entryPoints }) => [name, status, ...entryPoints])).toEqual([
      ["dashboard@file", "enabled", "dashboard"],
      ["traefik-traefik-sign-in@file", "enabled", "websecure"],
      ["traefik-traefik@file", "enabled", "websecure"],
    ]);
  });

  it("shows it on no other host", async () => {
    for (const path of ["/dashboard/", "/api/rawdata"]) expect((await ask("other.example.org", path, "member=yes")).status).toBe(404);
  });

  it.each(["metrics", "ping"] as const)("shows it on the entry point %s neither, which answers without the wall as before", async (entryPoint) => {
    const origin = `http://127.0.0.1:${ports[entryPoint]}`;
    for (const path of ["/dashboard/", "/api/rawdata"]) expect((await fetch(`${origin}${path}`)).status).toBe(404);
    expect((await fetch(`${origin}/${entryPoint}`)).status).toBe(200);
  });

  it("complains of nothing but the Docker that isn't there", () => {
    const complaints = log.join("").split("\n").filter((line) => /"level":"(warn|error|fatal)"/.test(line));
    expect(complaints.filter((line) => !line.includes("docker-socket-proxy"))).toEqual([]);
  });
});

/** A certificate for the domain and its hosts, and its key. */
function certificate(folder: string): void {
  const made = spawnSync("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=example.org",
    "-addext", "subjectAltName=DNS:*.example.org", "-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem"),
  ], { encoding: "utf8", timeout: 20_000 });
  if (made.status !== 0) throw new Error(made.stderr);
}

/** Writes the emitted files with paths and addresses of this machine, and nothing else changed; returns the static file. */
function writeConfiguration(folder: string, ports: Ports): string {
  const dynamic = join(folder, "dynamic");
  mkdirSync(dynamic);
  const moved = (text: string): string => {
    let result = text
      .replaceAll("/etc/traefik/dynamic", dynamic)
      .replaceAll("/run/secrets/TLS_CERTIFICATE", join(folder, "cert.pem"))
      .replaceAll("/run/secrets/TLS_KEY", join(folder, "key.pem"));
    for (const entryPoint of ["web", "websecure", "ping", "metrics", "dashboard"] as const) {
      result = result.replaceAll(new RegExp(`address: (127\\.0\\.0\\.1)?:${inContainer[entryPoint]}$`, "gm"), `address: 127.0.0.1:${ports[entryPoint]}`);
    }
    return result
      .replaceAll(`http://127.0.0.1:${inContainer.dashboard}`, `http://127.0.0.1:${ports.dashboard}`)
      .replaceAll(`http://outpost:${inContainer.outpost}`, `http://127.0.0.1:${ports.outpost}`);
  };
  for (const [path, text] of emitFiles(watched)) {
    if (path.endsWith("/traefik/traefik.yml")) writeFileSync(join(folder, "traefik.yml"), moved(text));
    if (path.includes("/traefik/dynamic/")) writeFileSync(join(dynamic, basename(path)), moved(text));
  }
  return join(folder, "traefik.yml");
}

/** Ports of 127.0.0.1 on which nobody listens. */
async function freePorts(count: 5): Promise<readonly [number, number, number, number, number]>;
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map(listen));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error("the server listens on no port"));
    });
  });
}
