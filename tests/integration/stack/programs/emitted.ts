/** A program of its own: prints the hash of everything that every environment emits. Run cold, it can't know an earlier run. */
import { createHash } from "node:crypto";
import { emitFiles } from "@jlam/compose-dsl";
import { environmentNames, loadEnvironment } from "../../../../tools/jlam/src/synth/platform.ts";

for (const name of environmentNames()) {
  const files = emitFiles(await loadEnvironment(name));
  process.stdout.write(`${name} ${files.size} ${createHash("sha256").update(JSON.stringify([...files])).digest("hex")}\n`);
}
