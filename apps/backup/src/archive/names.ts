/** Names of what an archive keeps in the bucket, and of PostgreSQL's segments of changes. */

/** Bytes of a segment: PostgreSQL's own default, which our servers keep. */
export const segmentBytes = 16 * 1024 ** 2;

/** One server's archive: a database that was made anew has another system identifier, and shares no segment with the former one. */
export interface Place {
  /** Id in the plan: `postgres-app`. */
  readonly database: string;
  /** What initdb called the server, a number of 64 bits. */
  readonly system: string;
}

/** Records, which hold no data of anybody: whoever removes what is over reads them, and nothing else. */
const allRecords = "point-in-time/records/";
export const recordsOf = (database: string): string => `${allRecords}${database}/`;
/** What the records are of, encrypted. */
export const objectsOf = (database: string): string => `point-in-time/objects/${database}/`;

export const baseKey = ({ database, system }: Place, id: string): string => `${objectsOf(database)}${system}/bases/${id}.tar.zst.gpg`;
export const baseRecordKey = ({ database, system }: Place, id: string): string => `${recordsOf(database)}${system}/bases/${id}.json.asc`;
/** Says that a server was brought up from this base and the changes after it. */
export const baseMarkerKey = ({ database, system }: Place, id: string): string => `${recordsOf(database)}${system}/bases/${id}.verified.asc`;

export const segmentRecords = ({ database, system }: Place): string => `${recordsOf(database)}${system}/wal/`;
export const segmentKey = ({ database, system }: Place, name: string): string => `${objectsOf(database)}${system}/wal/${name}.zst.gpg`;
export const segmentRecordKey = (place: Place, name: string): string => `${segmentRecords(place)}${name}.json.asc`;

const recordPattern = /^point-in-time\/records\/([^/]+)\/([0-9]+)\/(bases|wal)\/([^/.]+)\.(json|verified)\.asc$/;

/** What a key of the bucket says; undefined for objects that no record is. */
export function readRecordKey(key: string): { readonly place: Place; readonly of: "base" | "segment" | "marker"; readonly name: string } | undefined {
  const [, database, system, folder, name, suffix] = recordPattern.exec(key) ?? [];
  if (database === undefined || system === undefined || name === undefined) return undefined;
  return { place: { database, system }, of: suffix === "verified" ? "marker" : folder === "bases" ? "base" : "segment", name };
}

/** Whether it is the name of a segment that is whole. */
export const isSegmentName = (name: string): boolean => /^[0-9A-F]{24}$/.test(name);

/** A position in a server's changes, `0/4000120`, as a number. @throws RangeError for anything else */
export function positionOf(lsn: string): bigint {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(lsn) ?? [];
  if (high === undefined || low === undefined) throw new RangeError(`"${lsn}" is no position of PostgreSQL.`);
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

const segmentsPerFile = 0x1_0000_0000n / BigInt(segmentBytes);
const hex = (value: bigint | number): string => value.toString(16).toUpperCase().padStart(8, "0");

/** The segment that holds a position. */
export const segmentAt = (timeline: number, position: bigint): string => nameOf(timeline, position / BigInt(segmentBytes));

const nameOf = (timeline: number, number: bigint): string => `${hex(timeline)}${hex(number / segmentsPerFile)}${hex(number % segmentsPerFile)}`;
const numberOf = (name: string): bigint => BigInt(`0x${name.slice(8, 16)}`) * segmentsPerFile + BigInt(`0x${name.slice(16)}`);
const timelineOf = (name: string): number => Number.parseInt(name.slice(0, 8), 16);

/** The segment after this one. */
export const nextSegment = (name: string): string => nameOf(timelineOf(name), numberOf(name) + 1n);
/** The first position behind a segment. */
export const endOf = (name: string): bigint => (numberOf(name) + 1n) * BigInt(segmentBytes);
