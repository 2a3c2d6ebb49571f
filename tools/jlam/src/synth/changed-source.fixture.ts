/**
 * Emits an environment as if one source file said something else: `node changed-source.fixture.ts ENVIRONMENT FILE FROM TO`.
 * A program of its own, since a module is loaded once; nothing on the disk changes. Prints the files as JSON.
 */
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { checkEnvironment, emitFiles } from "@jlam/compose-dsl";
import { loadEnvironment, repositoryRoot } from "./platform.ts";

const [environment = "", file = "", from = "", to = ""] = process.argv.slice(2);
const changed = pathToFileURL(join(repositoryRoot, file)).href;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (url !== changed) return loaded;
    const source = typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source ?? undefined);
    if (source.split(from).length !== 2) throw new Error(`${file} says ${JSON.stringify(from)} ${source.split(from).length - 1} times, not once`);
    return { ...loaded, source: source.replace(from, () => to) };
  },
});

const resolved = await loadEnvironment(environment);
const errors = checkEnvironment(resolved).filter(({ severity }) => severity === "error");
process.stdout.write(JSON.stringify({ errors: errors.map(({ message }) => message), files: Object.fromEntries(emitFiles(resolved)) }));
