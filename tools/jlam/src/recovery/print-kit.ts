/** Puts the escrow kit of an environment together, from its running engine and what people give. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { runningContainer } from "../runtime/in-container.ts";
import { loadRunning } from "../runtime/bootable.ts";
import { readStore } from "../secrets/store.ts";
import { secretPaths } from "../secrets/provide.ts";
import { PersonError } from "../terminal/failure.ts";
import type { Kit } from "./kit.ts";
import { answerOf, engineIn } from "./reader.ts";
import { throwAwayKey } from "./restore.ts";

export interface KitOptions {
  readonly environment: string;
  readonly root: string;
  /** Where images come from on an empty machine. */
  readonly images: string;
  /** Private half of the escrow key; undefined: the throw-away one. */
  readonly escrowKeyFile: string | undefined;
  /** File of the secret key that only reads; undefined: the one among this machine's secrets. */
  readonly readerKeyFile: string | undefined;
  /** Address of the store as an empty machine reaches it, where that isn't the engine's. */
  readonly storeUrl: string | undefined;
}

/** @throws PersonError when the environment is down, or a key isn't there */
export async function makeKit({ environment: name, root, images, escrowKeyFile, readerKeyFile, storeUrl }: KitOptions): Promise<Kit> {
  const engine = await runningContainer(name, "backup");
  const environment = await loadRunning(name, root);
  const provider = [...environment.providers.values()].find(({ provides }) => provides.kind === "objectStore" && provides.name === "backups");
  const accessKey = provider?.binding.user("reader");
  if (provider === undefined || accessKey === undefined) throw new PersonError(`${name} gives the sets no store.`, { where: join("environments", name, "environment.ts") });
  const secretKey = readerKeyFile === undefined ? readStore(secretPaths(root, name).store).values["object-store-backups.reader"]?.value : (await readFile(readerKeyFile, "utf8")).trim();
  if (secretKey === undefined) {
    throw new PersonError("This machine doesn't know the store's login that only reads.", { where: secretPaths(root, name).store, fix: "Give it: --reader-key FILE." });
  }
  const variable = async (variableName: string): Promise<string> => (await execa("docker", ["exec", engine.id, "printenv", variableName])).stdout;
  return {
    environment: name,
    store: { url: storeUrl ?? (await variable("STORE_URL")), bucket: await variable("STORE_BUCKET"), region: await variable("STORE_REGION"), accessKey, secretKey },
    images,
    signedBy: await answerOf({ ...engineIn(engine), args: [...engineIn(engine).args, "public-key"] }, ""),
    escrowKey: escrowKeyFile === undefined ? await throwAwayKey(engine, "escrow") : await readFile(escrowKeyFile, "utf8"),
  };
}
