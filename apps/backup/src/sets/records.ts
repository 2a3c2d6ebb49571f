/** What the pruner sees of sets: names and markers, since it may read nothing else. */
import type { Signatures } from "../keys/keyring.ts";
import { countVersions, listKeys, readText, type Store } from "../store/store.ts";
import { markerSchema, type Marker } from "./manifest.ts";
import { allManifests, allMarkers, idOfRecord, manifestKey, markerKey } from "./names.ts";

export interface SetRecord {
  readonly id: string;
  /** Signed by us; undefined for a set that was never restored and compared. */
  readonly marker: Marker | undefined;
  /** How often its manifest was written. It is written once: more means that somebody wrote over it. */
  readonly writings: number;
}

/** All sets that have a manifest, newest first. */
export async function listRecords(store: Store, signatures: Signatures): Promise<readonly SetRecord[]> {
  const ids = (await listKeys(store, allManifests)).flatMap((key) => idOfRecord(key) ?? []);
  const marked = new Set((await listKeys(store, allMarkers)).flatMap((key) => idOfRecord(key) ?? []));
  const records: SetRecord[] = [];
  for (const id of ids.sort().reverse()) {
    records.push({ id, marker: marked.has(id) ? await readMarker(store, signatures, id) : undefined, writings: await countVersions(store, manifestKey(id)) });
  }
  return records;
}

/** A marker that can't be trusted makes its set an unverified one, no more. */
export async function readMarker(store: Store, signatures: Signatures, id: string): Promise<Marker | undefined> {
  const marker = await readText(store, markerKey(id))
    .then(async (signed) => markerSchema.safeParse(JSON.parse(await signatures.verify(signed ?? ""))).data)
    .catch(() => undefined);
  return marker?.id === id ? marker : undefined;
}
