/** The sets that a bucket holds. A set is listed for its manifest; whatever else lies there counts for nothing. */
import type { Signatures } from "../keys/keyring.ts";
import { BackupError, messageOf } from "../failure.ts";
import { listKeys, readText, type Store } from "../store/store.ts";
import { manifestSchema, type Manifest, type Marker } from "./manifest.ts";
import { allManifests, allMarkers, idOfRecord, manifestKey } from "./names.ts";
import { readMarker } from "./records.ts";

/** What is known of one set. */
export type ListedSet =
  | { readonly kind: "set"; readonly id: string; readonly manifest: Manifest; readonly marker: Marker | undefined }
  /** Its manifest is forged, damaged, or of an engine that this one doesn't know: it can't be restored. */
  | { readonly kind: "unusable"; readonly id: string; readonly why: string };

/** All sets, newest first. */
export async function listSets(store: Store, signatures: Signatures): Promise<readonly ListedSet[]> {
  const ids = (await listKeys(store, allManifests)).flatMap((key) => idOfRecord(key) ?? []);
  const marked = new Set((await listKeys(store, allMarkers)).flatMap((key) => idOfRecord(key) ?? []));
  const sets: ListedSet[] = [];
  for (const id of ids.sort().reverse()) sets.push(await readSet(store, signatures, id, marked.has(id)));
  return sets;
}

/** One set by its id, or the newest that can be used. @throws BackupError when there is none */
export async function findSet(store: Store, signatures: Signatures, id: string | undefined): Promise<Extract<ListedSet, { kind: "set" }>> {
  const sets = await listSets(store, signatures);
  const found = id === undefined ? sets.find(({ kind }) => kind === "set") : sets.find((set) => set.id === id);
  if (found?.kind === "set") return found;
  if (found) throw new BackupError(`The set ${found.id} can't be used: ${found.why}`, { fix: "Take another; `jlam backup list` shows which there are." });
  throw new BackupError(id === undefined ? "There is no set." : `There is no set "${id}".`, { fix: id === undefined ? "Make one: `jlam backup run`." : "`jlam backup list` shows which there are." });
}

async function readSet(store: Store, signatures: Signatures, id: string, marked: boolean): Promise<ListedSet> {
  try {
    const manifest = manifestSchema.parse(await signedJson(store, signatures, manifestKey(id)));
    // A manifest put under another set's name would be signed by us all the same.
    if (manifest.id !== id) throw new BackupError(`it is the manifest of ${manifest.id}`, { fix: "Take another set." });
    return { kind: "set", id, manifest, marker: marked ? await readMarker(store, signatures, id) : undefined };
  } catch (error) {
    return { kind: "unusable", id, why: messageOf(error) };
  }
}

async function signedJson(store: Store, signatures: Signatures, key: string): Promise<unknown> {
  const signed = await readText(store, key);
  if (signed === undefined) throw new BackupError(`${key} is gone`, { fix: "Take another set." });
  return JSON.parse(await signatures.verify(signed)) as unknown;
}
