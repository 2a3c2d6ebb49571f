/**
 * Builds the package that others install: `node build.ts [directory]` writes JavaScript, declarations, its package.json
 * and README to dist/ or the named directory, which it empties first. `npm pack` there gives the tarball.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import { z } from "zod";

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  exports: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
});

const here = import.meta.dirname;
const target = resolve(process.argv[2] ?? join(here, "dist"));
const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(here, "package.json"), "utf8")));

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const compiler = join(dirname(createRequire(import.meta.url).resolve("@typescript/native/package.json")), "bin", "tsc");
await execa(process.execPath, [compiler, "-p", join(here, "tsconfig.build.json"), "--outDir", target], { stdio: "inherit" });

/** What is built from a source: `./src/index.ts` → `./index.js`. */
const built = (source: string, extension: string): string => source.replace(/^\.\/src\//, "./").replace(/\.ts$/, extension);

writeFileSync(
  join(target, "package.json"),
  `${JSON.stringify(
    {
      name: manifest.name,
      version: manifest.version,
      description: manifest.description,
      license: manifest.license,
      type: "module",
      sideEffects: false,
      engines: { node: ">=24" },
      exports: Object.fromEntries(
        Object.entries(manifest.exports).map(([path, source]) => [path, { types: built(source, ".d.ts"), default: built(source, ".js") }]),
      ),
      dependencies: manifest.dependencies,
    },
    undefined,
    2,
  )}\n`,
);
cpSync(join(here, "README.md"), join(target, "README.md"));
