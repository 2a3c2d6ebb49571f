/** Names of sets and of what belongs to them in the bucket. */

/** `2026-11-22T02-00-00-000Z`: sorts by time, and has nothing that a URL or a file system would mind. */
export const setId = (startedAt: Date): string => startedAt.toISOString().replaceAll(/[:.]/g, "-");

const manifestPrefix = "manifests/";
const markerPrefix = "verified/";
const suffix = ".json.asc";

export const manifestKey = (id: string): string => `${manifestPrefix}${id}${suffix}`;
export const markerKey = (id: string): string => `${markerPrefix}${id}${suffix}`;
/** Lists of who was erased: apart from the sets, since they are younger, and kept longer. */
export const allErasures = "erasures/";
export const erasuresPrefix = (database: string): string => `${allErasures}${database}/`;
export const erasuresKey = (database: string, at: Date): string => `${erasuresPrefix(database)}${setId(at)}.json.asc`;

export const allDrills = "drills/";
export const drillKey = (startedAt: Date): string => `${allDrills}${setId(startedAt)}.json.asc`;

/** Everything of one set but manifest and marker. */
export const objectsPrefix = (id: string): string => `sets/${id}/`;
export const allObjects = "sets/";
export const allManifests = manifestPrefix;
export const allMarkers = markerPrefix;

/** The set that a manifest or marker belongs to; undefined for a foreign object. */
export const idOfRecord = (key: string): string | undefined => /^(?:manifests|verified)\/([^/]+)\.json\.asc$/.exec(key)?.[1];
/** The set that an object belongs to. */
export const idOfObject = (key: string): string | undefined => /^sets\/([^/]+)\//.exec(key)?.[1];
/** When a record was made, or the set that it is about was begun, from its key. */
export const timeOfRecord = (key: string): Date | undefined => timeOfId(/([^/]+)\.json\.asc$/.exec(key)?.[1] ?? "");
/** When the set was begun, from its name; undefined when that is no such name. */
export function timeOfId(id: string): Date | undefined {
  const [, day, hour, minute, second, ms] = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z$/.exec(id) ?? [];
  return day === undefined ? undefined : new Date(`${day}T${hour ?? ""}:${minute ?? ""}:${second ?? ""}.${ms ?? ""}Z`);
}
