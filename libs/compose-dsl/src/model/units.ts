/** A length of time. Written as `seconds(30)` or `"30s"`; kept in milliseconds. */
export interface Duration {
  readonly ms: number;
}

/** An amount of memory or disk. Written as `mib(512)` or `"512M"`; kept in bytes (1 M = 1,048,576, as Compose reads it). */
export interface Bytes {
  readonly bytes: number;
}

export type DurationText = `${number}${"ms" | "s" | "m" | "h" | "d"}`;
export type BytesText = `${number}${"K" | "M" | "G" | "T"}`;
export type DurationInput = Duration | DurationText;
export type BytesInput = Bytes | BytesText;

const msPer = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const bytesPer = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 } as const;

function positive(value: number, what: string): number {
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`${what} must be zero or more, not ${value}`);
  return value;
}

/** Throws RangeError for less than a millisecond, which Compose can't say; what floating point adds is no such thing. */
export function milliseconds(value: number): Duration {
  const ms = Math.round(positive(value, "a duration"));
  if (Math.abs(ms - value) > 1e-6) throw new RangeError(`a duration must be whole milliseconds, not ${value}`);
  return { ms };
}

/** To whole bytes: 1.1 G is 1,181,116,006.4 of them. */
const size = (value: number, unit: number): Bytes => ({ bytes: Math.round(positive(value, "a size") * unit) });

export const seconds = (value: number): Duration => milliseconds(value * msPer.s);
export const minutes = (value: number): Duration => milliseconds(value * msPer.m);
export const hours = (value: number): Duration => milliseconds(value * msPer.h);
export const days = (value: number): Duration => milliseconds(value * msPer.d);
export const kib = (value: number): Bytes => size(value, bytesPer.K);
export const mib = (value: number): Bytes => size(value, bytesPer.M);
export const gib = (value: number): Bytes => size(value, bytesPer.G);

const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const bytesPattern = /^(\d+(?:\.\d+)?)(K|M|G|T)$/;

/** Reads `"30s"`, `"500ms"`, `"2h"`; throws RangeError for anything else. */
export function duration(input: DurationInput): Duration {
  if (typeof input !== "string") return input;
  const [, amount, unit] = durationPattern.exec(input) ?? [];
  if (amount === undefined || !isDurationUnit(unit)) {
    throw new RangeError(`"${input}" is not a duration: write a number and ms, s, m, h or d, such as "30s"`);
  }
  return milliseconds(Number(amount) * msPer[unit]);
}

/** Reads `"512M"`, `"16G"`; throws RangeError for anything else. */
export function bytes(input: BytesInput): Bytes {
  if (typeof input !== "string") return input;
  const [, amount, unit] = bytesPattern.exec(input) ?? [];
  if (amount === undefined || !isBytesUnit(unit)) {
    throw new RangeError(`"${input}" is not a size: write a number and K, M, G or T, such as "512M"`);
  }
  return size(Number(amount), bytesPer[unit]);
}

const isDurationUnit = (unit: string | undefined): unit is keyof typeof msPer => unit !== undefined && unit in msPer;
const isBytesUnit = (unit: string | undefined): unit is keyof typeof bytesPer => unit !== undefined && unit in bytesPer;
