/** What Traefik passes on, what it writes down, and how much it lets through: seen by a backend that tells what it got. */
import { join } from "node:path";
import type { Container } from "dockerode";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { demultiplex, engine } from "../../tools/jlam/src/runtime/containers.ts";
import { containerId, inspect } from "./stack/environment.ts";
import { ask, domain, visitor } from "./stack/https.ts";
import { networkOnEngine, probeLabels, runNode } from "./stack/probe.ts";
import { until } from "./stack/until.ts";

const host = `echo.${domain}`;
const answer = z.object({ url: z.string(), headers: z.array(z.string()) });
let echo: Container;

/** The emitted Traefik finds it as it finds every service: by labels, over the socket proxy. Nothing of it is changed. */
beforeAll(async () => {
  echo = await engine.createContainer({
    Image: (await inspect("web")).Image,
    Entrypoint: ["node", "/programs/echo.ts"],
    User: "1000:1000",
    Labels: {
      ...probeLabels,
      "traefik.enable": "true",
      "traefik.docker.network": networkOnEngine("traefik--web"),
      "traefik.http.routers.echo.entryPoints": "websecure",
      "traefik.http.routers.echo.rule": `Host(\`${host}\`)`,
      "traefik.http.routers.echo.middlewares": "security-headers@file,compression@file",
      "traefik.http.routers.echo.tls": "true",
      "traefik.http.services.echo.loadBalancer.server.port": "8000",
    },
    HostConfig: { NetworkMode: networkOnEngine("traefik--web"), Binds: [`${join(import.meta.dirname, "stack", "programs")}:/programs:ro`] },
  });
  await echo.start();
  await until(async () => (await ask("/", {}, host)).status, (status) => status === 200, 20_000);
});

afterAll(async () => {
  await echo.remove({ force: true, v: true });
});

type Headers = readonly (readonly [name: string, value: string])[];

/** Headers as the backend got them, by lower-case name. */
async function received(headers: Headers): Promise<ReadonlyMap<string, string>> {
  const { text } = await ask("/", { headers }, host);
  const raw = answer.parse(JSON.parse(text)).headers;
  return new Map(raw.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? ""] as const] : [])));
}

describe("headers that can pass for others", () => {
  // A program that folds _ and . into - reads each of these as the name that Traefik itself sets or checks.
  test.each(["X_Auth_User", "X.Forwarded.User", "X_Forwarded_For", "X_authentik_username", "X.Real.Ip"])("%s does not reach the backend", async (name) => {
    const seen = await received([
      [name, "beheerder"],
      ["X-Plain", "arrives"],
    ]);
    expect(seen.get("x-plain")).toBe("arrives");
    expect([...seen.values()]).not.toContain("beheerder");
  });

  test("one of them would reach a backend that has no Traefik before it", async () => {
    const direct = 'fetch("http://127.0.0.1:8000/", { headers: { X_Auth_User: "beheerder" } }).then(async (answer) => process.stdout.write(await answer.text()))';
    const text = await runNode({ Entrypoint: ["node", "-e", direct], User: "1000:1000", HostConfig: { NetworkMode: `container:${echo.id}` } });
    expect(answer.parse(JSON.parse(text)).headers).toContain("beheerder");
  });

  test.each([
    ["X-Forwarded-For", "203.0.113.9"],
    ["X-Real-Ip", "203.0.113.9"],
    ["X-Forwarded-Host", "elsewhere.example"],
    ["X-Forwarded-Proto", "gopher"],
    ["X-Forwarded-Port", "31337"],
  ])("%s of a visitor is replaced by Traefik's own", async (name, value) => {
    const own = (await received([])).get(name.toLowerCase());
    const seen = (await received([[name, value]])).get(name.toLowerCase());
    expect(own).toBeDefined();
    expect(seen).not.toContain(value);
  });
});

test("a query string reaches the backend and is nowhere in Traefik's log", async () => {
  const mark = `code-${Date.now()}`;
  const lines = async (): Promise<readonly string[]> => (await logOf(await containerId("traefik"))).split("\n").filter((line) => line.includes('"echo@docker"'));
  const before = (await lines()).length;
  await ask(`/terug?code=${mark}&state=${mark}`, { headers: [["referer", `https://${host}/?${mark}`]] }, host);
  await until(lines, ({ length }) => length > before, 10_000);
  expect(await logOf(echo.id)).toContain(mark);
  expect(await logOf(await containerId("traefik"))).not.toContain(mark);
});

test("Traefik's log of a request has what operations need, and nothing of the visitor", async () => {
  await ask("/", { headers: [["user-agent", "een-browser"], ["cookie", "sessie=een-koekje"]] }, host);
  const log = await until(async () => await logOf(await containerId("traefik")), (text) => text.includes('"echo@docker"'), 10_000);
  const line: unknown = JSON.parse(log.answer.split("\n").findLast((each) => each.includes('"echo@docker"')) ?? "{}");
  expect(line).toMatchObject({ RequestMethod: "GET", DownstreamStatus: 200, RequestHost: host });
  expect(JSON.stringify(line)).not.toMatch(/een-browser|een-koekje|Client(Addr|Host|Port)/);
});

const logOf = async (id: string): Promise<string> => demultiplex(await engine.getContainer(id).logs({ stdout: true, stderr: true, follow: false }));

test("who asks far more than a person is told to wait, and is let in again a moment later", async () => {
  const agent = visitor(40);
  try {
    // Six times the burst of 100, and bounded: at 50 a second more, not all of them can pass.
    const statuses = await Promise.all(Array.from({ length: 600 }, async () => (await ask("/health", { agent, impatient: true })).status));
    const passed = statuses.filter((status) => status === 200).length;
    expect(passed).toBeGreaterThanOrEqual(100);
    expect(statuses.filter((status) => status === 429).length).toBe(600 - passed);
    expect(passed).toBeLessThan(600);
  } finally {
    await agent.close();
  }
  await until(async () => (await ask("/health")).status, (status) => status === 200, 5_000);
});
