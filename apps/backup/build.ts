/** Bundles the programs of the engine: `node build.ts DIRECTORY` writes server.js, pruner.js, backup.js, archive.js, point-in-time.js, make-keys.js and probe.js. */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write("Usage: node build.ts DIRECTORY\n");
  process.exit(1);
}

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

await build({
  entryPoints: { server: source("server.ts"), pruner: source("pruner.ts"), backup: source("main.ts"), archive: source("archive/main.ts"), "point-in-time": source("archive/command.ts"), "make-keys": source("make-keys.ts"), probe: "@jlam/platform/probe" },
  outdir: directory,
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // Some dependencies are CommonJS and load Node's modules with require, which ES modules don't have.
  banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
  // pg loads its native binding only when it is asked for, and it never is.
  external: ["pg-native"],
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  legalComments: "linked",
  logLevel: "info",
});
await writeFile(`${directory}/package.json`, `${JSON.stringify({ type: "module" })}\n`);
