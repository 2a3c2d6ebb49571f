import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it } from "vitest";
import { serviceFiles } from "./service-files.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "jlam-program-"));
  for (const { path, text } of serviceFiles({ name: "notes", identifier: "notes", owner: "care", host: "notes", holds: "medical-data" })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(folder, "key"), "0123456789");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  execa(process.execPath, [join(folder, "apps/notes/src", file), ...args], { env, reject: false, all: true, timeout: 20_000 });

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

const settings = (port: number) => ({
  HTTP_PORT: String(port),
  HEALTH_PATH: "/health",
  DATABASE_HOST: "postgres-notes",
  DATABASE_PORT: "5432",
  DATABASE_NAME: "notes",
  SIGNING_KEY_FILE: join(folder, "key"),
});

it("answers its health check until it is told to stop", { timeout: 60_000 }, async () => {
  const port = await freePort();
  const server = run("server.ts", [], settings(port));
  await expect.poll(async () => (await run("probe.ts", [`http://127.0.0.1:${port}/health`])).exitCode, { timeout: 20_000 }).toBe(0);
  const page = await fetch(`http://127.0.0.1:${port}/`);
  expect(await page.text()).toBe("notes runs, with its database at postgres-notes:5432/notes and a key of 10 bytes.\n");
  server.kill("SIGTERM");
  expect((await server).exitCode).toBe(0);
  expect((await run("probe.ts", [`http://127.0.0.1:${port}/health`])).exitCode).not.toBe(0);
});

it("says which setting is missing", { timeout: 30_000 }, async () => {
  const { DATABASE_HOST: _, ...rest } = settings(1);
  const { exitCode, all } = await run("server.ts", [], rest);
  expect(exitCode).not.toBe(0);
  expect(all).toContain("DATABASE_HOST is not set; stack.ts declares it");
});
