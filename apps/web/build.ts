/** Bundles the programs of the web application: `node build.ts DIRECTORY` writes server.js, migrate.js, erasures.js, probe.js and assets/. */
import { cp, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import type { Plugin } from "esbuild";

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write("Usage: node build.ts DIRECTORY\n");
  process.exit(1);
}

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

/** Maps a whole file to line 1 of `library`. */
const ONE_LINE_MAP = Buffer.from(
  JSON.stringify({ version: 3, sources: ["library"], names: [], mappings: "AAAA" }),
).toString("base64");

/**
 * Keeps libraries out of the source map: Node reads the whole map at start, and with them it is two megabytes that cost
 * 80 MB of memory. Frames of our own source stay true; those of libraries tell package and function, but no line.
 */
const mapOwnSourceOnly: Plugin = {
  name: "map-own-source-only",
  setup(bundle) {
    bundle.onLoad({ filter: /\/node_modules\/.*\.[cm]?js$/ }, async ({ path }) => ({
      contents: `${await readFile(path, "utf8")}\n//# sourceMappingURL=data:application/json;base64,${ONE_LINE_MAP}`,
      loader: "default",
    }));
  },
};

await build({
  entryPoints: { server: source("server.ts"), migrate: source("migrate.ts"), erasures: source("erasures.ts"), probe: "@jlam/platform/probe" },
  outdir: directory,
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // Some dependencies are CommonJS and load Node's modules with require, which ES modules don't have.
  banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
  // pg loads its native binding only when it is asked for, and it never is.
  external: ["pg-native"],
  sourcemap: "linked",
  sourcesContent: false,
  plugins: [mapOwnSourceOnly],
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  legalComments: "linked",
  logLevel: "info",
});
await cp(source("assets"), `${directory}/assets`, { recursive: true });
await writeFile(`${directory}/package.json`, `${JSON.stringify({ type: "module" })}\n`);
