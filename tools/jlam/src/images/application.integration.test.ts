import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { applicationTag, buildInputs } from "./application.ts";

const ignoring = {
  "a list of what stays out": "**/node_modules\nsecrets\n*.log\n**/*.test.ts\n",
  "everything out but a few": "**\n!package.json\n!*/*/package.json\n!apps/web/src\n**/*.test.ts\n",
} as const;

function repository(rules: string): string {
  const root = folder("jlam-context-");
  const files = {
    "package.json": "{}",
    "debug.log": "",
    "secrets/password": "hunter2",
    "node_modules/left-pad/index.js": "",
    "libs/dsl/package.json": "{}",
    "libs/dsl/node_modules/x/index.js": "",
    "apps/web/package.json": "{}",
    "apps/web/src/server.ts": "",
    "apps/web/src/server.test.ts": "",
    "apps/web/Dockerfile": "FROM scratch\nCOPY . /\n",
    "apps/web/Dockerfile.dockerignore": rules,
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

function folder(prefix: string): string {
  const path = mkdtempSync(join(tmpdir(), prefix));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe("buildInputs", () => {
  test.each(Object.entries(ignoring))("finds the files that Docker sends, with %s", async (_, rules) => {
    const root = repository(rules);
    const sent = folder("jlam-sent-");
    await execa("docker", ["buildx", "build", "--output", `type=local,dest=${sent}`, "--file", `${root}/apps/web/Dockerfile`, root]);
    const files = readdirSync(sent, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(sent.length + 1));
    // The Dockerfile always counts, even where it isn't part of the context.
    expect(buildInputs(root, "apps/web")).toEqual([...new Set([...files, "apps/web/Dockerfile"])].sort());
  });
});

describe("applicationTag", () => {
  const tag = (root: string, base = "node:24") => applicationTag(root, { name: "web", folder: "apps/web", base });

  test("changes with a source file", () => {
    const root = repository(ignoring["everything out but a few"]);
    const before = tag(root);
    writeFileSync(join(root, "apps/web/src/server.ts"), "listen();");
    expect(tag(root)).not.toBe(before);
  });

  test("stays when a file changes that the build can't see", () => {
    const root = repository(ignoring["everything out but a few"]);
    const before = tag(root);
    writeFileSync(join(root, "apps/web/src/server.test.ts"), "test();");
    writeFileSync(join(root, "secrets/password"), "hunter3");
    expect(tag(root)).toBe(before);
  });

  test("changes with the image that it is built on", () => {
    const root = repository(ignoring["everything out but a few"]);
    expect(tag(root, "node:24.1")).not.toBe(tag(root, "node:24.2"));
  });
});
