import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { fileURLToPath } from "node:url";

import { expect, onTestFinished, test } from "vitest";

const program = fileURLToPath(new URL("./probe.ts", import.meta.url));

function probe(...given: readonly string[]): Promise<{ readonly code: number | null; readonly text: string; readonly took: number }> {
  const start = performance.now();
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...given], (_error, _out, text) => {
      resolve({ code: child.exitCode, text, took: performance.now() - start });
    });
  });
}

async function serverThat(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => { server.close(); server.closeAllConnections(); });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}/health`;
}

test("a healthy answer ends with 0", async () => {
  const url = await serverThat((_request, response) => response.end("ok"));
  expect(await probe(url)).toMatchObject({ code: 0, text: "" });
});

test("an unhealthy answer ends with 1 and its status", async () => {
  const url = await serverThat((_request, response) => response.writeHead(503).end());
  const { code, text } = await probe(url);
  expect(code).toBe(1);
  expect(text).toContain("answered with status 503");
});

test("a server that never answers ends with 1 in about two seconds", async () => {
  const url = await serverThat(() => undefined);
  const { code, text, took } = await probe(url);
  expect(code).toBe(1);
  expect(text).toContain("did not answer within 1800 ms");
  expect(took).toBeLessThan(5_000);
});

test("nothing listening ends with 1 and the reason", async () => {
  const { code, text } = await probe("http://127.0.0.1:1/health");
  expect(code).toBe(1);
  expect(text).toContain("ECONNREFUSED");
});

test("a missing address ends with 1 and the usage", async () => {
  const { code, text } = await probe();
  expect(code).toBe(1);
  expect(text).toContain("Usage: node probe.js URL");
});
