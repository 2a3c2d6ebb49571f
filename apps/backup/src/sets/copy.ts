/** Copies sets into a second region, by reading the first one back: a copy also shows that the first can be read. */
import { createHash } from "node:crypto";
import { Transform, type Readable } from "node:stream";
import { pipeline as joined } from "node:stream/promises";
import { BackupError } from "../failure.ts";
import { openSignatures, type Signatures } from "../keys/keyring.ts";
import type { Pipeline } from "../programs/pipeline.ts";
import type { Settings } from "../settings.ts";
import { planParts } from "../store/parts.ts";
import { abortOpenUploads, listKeys, openStore, prepareBucket, readObject, readText, writeOnce, type Store } from "../store/store.ts";
import { uploadPipeline } from "../store/upload.ts";
import { listSets, type ListedSet } from "./list.ts";
import type { SetObject } from "./manifest.ts";
import { allErasures, allManifests, allMarkers, idOfRecord, manifestKey, timeOfRecord } from "./names.ts";
import { verifyStored } from "./verify.ts";

type UsableSet = Extract<ListedSet, { kind: "set" }>;

/** What a copy tells while it goes on. */
export type CopyProgress =
  | { readonly step: "copied"; readonly id: string; readonly bytes: number; readonly seconds: number }
  | { readonly step: "told"; readonly records: number };

/** Milliseconds after which an upload that is still open belongs to nobody: a copy takes minutes. */
const abandoned = 86_400_000;

/**
 * Brings every set that the second region lacks there, newest first, with the lists of who was erased and the markers.
 * A set is there when its manifest is: that is written last, after the whole copy was read back and found to be what the
 * signed manifest says. Its lock is the second region's own.
 *
 * @throws BackupError when there is no second region, or it doesn't hold what was sent; the next call makes up for it
 */
export async function copySets({ keys, store: address, copy, plan }: Settings, now: Date, onProgress: (progress: CopyProgress) => void): Promise<void> {
  if (copy === undefined) throw new BackupError("This engine has no second region.", { fix: "Give the environment a store for the copies of its sets." });
  const signatures = await openSignatures(keys.signing, now);
  const [first, second] = [openStore(address), openStore(copy.store)];
  try {
    await prepareBucket(second);
    await abortOpenUploads(second, { below: "", before: new Date(now.getTime() - abandoned) });
    const there = new Set((await listKeys(second, allManifests)).map(idOfRecord));
    for (const set of await listSets(first, signatures)) {
      const lockedUntil = set.kind === "set" ? new Date(Date.parse(set.manifest.startedAt) + copy.keepSeconds * 1000) : now;
      // What is over by the second region's own time would be pruned there at once.
      if (set.kind !== "set" || there.has(set.id) || lockedUntil <= now) continue;
      await copySet(first, second, signatures, set, lockedUntil, onProgress);
      there.add(set.id);
    }
    const lists = await copyRecords(first, second, allErasures, (key) => lockOf(key, 2 * plan.keepSeconds));
    const markers = await copyRecords(first, second, allMarkers, (key) => (there.has(idOfRecord(key)) ? lockOf(key, copy.keepSeconds) : undefined));
    onProgress({ step: "told", records: lists + markers });
  } finally {
    first.client.destroy();
    second.client.destroy();
    await signatures.close();
  }
}

/** As long after the time in the key's name. */
const lockOf = (key: string, seconds: number): Date | undefined => {
  const made = timeOfRecord(key);
  return made === undefined ? undefined : new Date(made.getTime() + seconds * 1000);
};

async function copySet(first: Store, second: Store, signatures: Signatures, set: UsableSet, lockedUntil: Date, onProgress: (progress: CopyProgress) => void): Promise<void> {
  const began = performance.now();
  const { id, manifest } = set;
  for (const object of manifest.objects) {
    const source = await readObject(first, object.key);
    await uploadPipeline(second, object.key, asSent(source, object), { parts: planParts(object.bytes), lockedUntil });
  }
  await verifyStored(second, set);
  const signed = (await readText(first, manifestKey(id))) ?? "";
  // It was read twice, and another one may be there by now.
  await signatures.verify(signed);
  await writeOnce(second, manifestKey(id), signed, lockedUntil);
  onProgress({ step: "copied", id, bytes: manifest.objects.reduce((sum, { bytes }) => sum + bytes, 0), seconds: (performance.now() - began) / 1000 });
}

/** An object's bytes as a pipeline that fails at its end unless they are those of the manifest: nothing else is ever completed. */
function asSent(source: Readable, { key, bytes, sha256 }: SetObject): Pipeline {
  const hash = createHash("sha256");
  let read = 0;
  const output = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      read += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      const equal = read === bytes && hash.digest("hex") === sha256;
      done(equal ? null : new BackupError(`${key} isn't what was sent: ${read} bytes came of ${bytes}.`, { fix: "The first region's copy is damaged: make a new set, and look at what the store says about this object." }));
    },
  });
  const finished = joined(source, output);
  finished.catch(() => undefined);
  return { output, input: undefined, finished, sourceBytes: () => read, stop: () => source.destroy() };
}

/** Small signed texts that the second region lacks; returns how many. Those that `lock` gives no time for stay where they are. */
async function copyRecords(first: Store, second: Store, prefix: string, lock: (key: string) => Date | undefined): Promise<number> {
  const there = new Set(await listKeys(second, prefix));
  let copied = 0;
  for (const key of await listKeys(first, prefix)) {
    const lockedUntil = lock(key);
    if (there.has(key) || lockedUntil === undefined) continue;
    const text = await readText(first, key);
    if (text === undefined) continue;
    await writeOnce(second, key, text, lockedUntil);
    copied += 1;
  }
  return copied;
}
