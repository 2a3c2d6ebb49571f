/**
 * A prebuilt program that synthesises every environment. Loading some sixty TypeScript files takes longer than the work
 * itself; one bundle with the YAML writer alone starts in the time that Node needs.
 */
import { mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { environmentFile, environmentNames } from "./platform.ts";

/** Where `./jlam` looks for it. */
const bundlePath = (root: string): string => join(root, ".jlam", "synth", "bundle.mjs");

/**
 * Builds the bundle. It knows the size and time of each of its sources and runs only while they are as they were;
 * otherwise it exits with 75 (sysexits.h, EX_TEMPFAIL), and `./jlam` takes the long way, which builds it anew.
 */
export async function buildBundle(root: string): Promise<void> {
  const names = environmentNames(root);
  const entry = [
    ...names.map((name, index) => `import environment${index} from ${JSON.stringify(environmentFile(name, root))};`),
    `import { runBundle } from ${JSON.stringify(join(import.meta.dirname, "bundle-run.ts"))};`,
    `runBundle(${JSON.stringify(root)}, [${names.map((_, index) => `environment${index}`).join(", ")}], __SOURCES__);`,
  ].join("\n");
  const result = await build({
    stdin: { contents: entry, resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "node24",
    minify: true,
    legalComments: "none",
    logLevel: "silent",
    absWorkingDir: root,
  });
  const sources: [string, number, number][] = [];
  for (const input of Object.keys(result.metafile.inputs)) {
    if (input === "<stdin>" || input.includes("node_modules/")) continue;
    const { size, mtimeMs } = statSync(join(root, input));
    sources.push([input, size, mtimeMs]);
  }
  for (const input of ["package-lock.json", "environments"]) {
    const { size, mtimeMs } = statSync(join(root, input));
    sources.push([input, size, mtimeMs]);
  }
  const text = result.outputFiles[0]?.text ?? "";
  const path = bundlePath(root);
  mkdirSync(join(root, ".jlam", "synth"), { recursive: true });
  writeFileSync(`${path}.new`, text.replace("__SOURCES__", () => JSON.stringify(sources)));
  renameSync(`${path}.new`, path);
}
