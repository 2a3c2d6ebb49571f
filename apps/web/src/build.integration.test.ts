import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { makeSecretFiles } from "./testing/containers.ts";

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function run(words: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, words, { env }, (_error, out, err) => resolve({ code: child.exitCode, output: out + err }));
  });
}

describe("the bundled programs, without node_modules beside them", () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "jlam-web-build-"));
    const { code, output } = await run([fileURLToPath(new URL("../build.ts", import.meta.url)), directory], {});
    expect(output).not.toContain("error");
    expect(code).toBe(0);
  });

  afterAll(() => rm(directory, { recursive: true }));

  test("everything the image needs is there", async () => {
    expect(await readdir(directory)).toEqual(expect.arrayContaining(["assets", "migrate.js", "erasures.js", "package.json", "probe.js", "server.js"]));
    expect(await readdir(join(directory, "assets"))).toContain("site.css");
  });

  test("the server starts as far as its settings", async () => {
    const { code, output } = await run([join(directory, "server.js")], {});
    expect(code).toBe(1);
    expect(output).toContain("✖ HTTP_PORT: is not set");
  });

  test("the frames of an error name our own source, file and line", async () => {
    const secrets = await makeSecretFiles();
    const { output } = await run(["--enable-source-maps", join(directory, "migrate.js")], {
      ENVIRONMENT: "test",
      DATABASE_HOST: "127.0.0.1",
      DATABASE_PORT: "1",
      DATABASE_NAME: "app",
      DATABASE_USER: "app_owner",
      DATABASE_PASSWORD_FILE: await secrets.write("password", "x"),
      DATABASE_TLS: "off",
    });
    await secrets.remove();
    expect(output).toMatch(/apps\/web\/src\/database\/run-migrations\.ts:\d+:\d+/);
  });
});
