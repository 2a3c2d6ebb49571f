/** Puts the escrow kit of an environment together, from its running engine and what people give. */
import { join } from "node:path";
import { execa } from "execa";
import { runningContainer } from "../runtime/in-container.ts";
import { loadRunning } from "../runtime/bootable.ts";
import { readStore } from "../secrets/store.ts";
import { secretPaths } from "../secrets/provide.ts";
import { PersonError } from "../terminal/failure.ts";
import { readSealed, sealedPath } from "../secrets/sealed/file.ts";
import { readIdentities } from "../secrets/sealed/identity.ts";
import type { Kit, KitStore } from "./kit.ts";
import { answerOf, engineIn } from "./reader.ts";
import { readKeyFile, throwAwayKey } from "./restore.ts";

export interface KitOptions {
  readonly environment: string;
  readonly root: string;
  /** Where images come from on an empty machine. */
  readonly images: string;
  /** Private half of the escrow key; undefined: the throw-away one. */
  readonly escrowKeyFile: string | undefined;
  /** Identity of the recipient "recovery"; needed where the environment's secrets are encrypted in the repository. */
  readonly ageIdentityFile: string | undefined;
  /** Files of the secret keys that only read; undefined: those among this machine's secrets. */
  readonly readerKeyFile: string | undefined;
  readonly copyReaderKeyFile: string | undefined;
  /** Addresses of the stores as an empty machine reaches them, where those aren't the engine's. */
  readonly storeUrl: string | undefined;
  readonly copyUrl: string | undefined;
}

/** @throws PersonError when the environment is down, or a key isn't there */
export async function makeKit({ environment: name, root, images, escrowKeyFile, ageIdentityFile, readerKeyFile, copyReaderKeyFile, storeUrl, copyUrl }: KitOptions): Promise<Kit> {
  const engine = await runningContainer(name, "backup");
  const environment = await loadRunning(name, root);
  const variable = async (variableName: string): Promise<string> => (await execa("docker", ["exec", engine.id, "printenv", variableName])).stdout;
  const region = async (store: string, prefix: "STORE" | "COPY", url: string | undefined, keyFile: string | undefined, option: string): Promise<KitStore> => {
    const provider = [...environment.providers.values()].find(({ provides }) => provides.kind === "objectStore" && provides.name === store);
    const accessKey = provider?.binding.user("reader");
    if (provider === undefined || accessKey === undefined) throw new PersonError(`${name} has no store "${store}".`, { where: join("environments", name, "environment.ts") });
    const secretKey = keyFile === undefined ? readStore(secretPaths(root, name).store).values[`object-store-${store}.reader`]?.value : (await readKeyFile(keyFile)).trim();
    if (secretKey === undefined) {
      throw new PersonError(`This machine doesn't know the login of "${store}" that only reads.`, { where: secretPaths(root, name).store, fix: `Give it: ${option} FILE.` });
    }
    return { url: url ?? (await variable(`${prefix}_URL`)), bucket: await variable(`${prefix}_BUCKET`), region: await variable(`${prefix}_REGION`), accessKey, secretKey };
  };
  const ageIdentity = ageIdentityFile === undefined ? undefined : readIdentities(ageIdentityFile)[0];
  if (ageIdentity === undefined && Object.keys(readSealed(root, name)).length > 0) {
    throw new PersonError("The kit would lack the identity that opens the repository's secrets.", { where: sealedPath(root, name), fix: "Give that of the recipient \"recovery\": --age-identity FILE." });
  }
  return {
    environment: name,
    store: await region("backups", "STORE", storeUrl, readerKeyFile, "--reader-key"),
    copy: await region("backups-copy", "COPY", copyUrl, copyReaderKeyFile, "--copy-reader-key"),
    images,
    engine: engine.image,
    signedBy: await answerOf({ ...engineIn(engine), args: [...engineIn(engine).args, "public-key"] }, ""),
    escrowKey: escrowKeyFile === undefined ? await throwAwayKey(engine, "escrow") : await readKeyFile(escrowKeyFile),
    ...(ageIdentity !== undefined && { ageIdentity }),
  };
}
