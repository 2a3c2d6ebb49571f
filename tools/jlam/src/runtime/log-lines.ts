/** Log lines of containers: read from Compose's output, and shown so that a person can follow them. Pure. */
import type { ResolvedService } from "@jlam/compose-dsl";

type LogFormat = ResolvedService["node"]["logs"];

export interface LogLine {
  readonly service: string;
  /** When Docker got it, in UTC (RFC 3339 with nanoseconds). */
  readonly time: string;
  readonly text: string;
  /** Level, message and the other fields, where the service writes JSON lines and this is one. */
  readonly record: { readonly level: string; readonly message: string; readonly rest: Readonly<Record<string, unknown>> } | undefined;
}

/** `web-1  | 2026-01-01T00:00:00.000000000Z text`, as `docker compose logs --timestamps` prints it. */
const printed = /^(\S+?)-\d+\s*\| (\d{4}-\d\d-\d\dT\S+Z) ?(.*)$/;

/** Reads one printed line; undefined for Compose's own words. */
export function parseLine(line: string, formats: ReadonlyMap<string, LogFormat>): LogLine | undefined {
  const [, service, time, text] = printed.exec(line) ?? [];
  if (service === undefined || time === undefined || text === undefined) return undefined;
  return { service, time, text, record: parseRecord(text, formats.get(service)) };
}

/** Level, message and the rest of one written line; undefined where it is no JSON of the service's format. */
export function parseRecord(text: string, format: LogFormat | undefined): LogLine["record"] {
  if (format?.kind !== "json" || !text.startsWith("{")) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(parsed));
  const [level, message] = [fields.get(format.level), fields.get(format.message)];
  for (const known of [format.level, format.message, ...timeKeys]) fields.delete(known);
  return { level: levelName(level), message: textOf(message), rest: Object.fromEntries(fields) };
}

/** Docker's time stands before the line already. */
const timeKeys = ["time", "timestamp", "ts"];

/** Pino writes numbers: https://getpino.io/#/docs/api?id=loggerlevel-string-gettersetter */
const pinoLevels: Readonly<Record<number, string>> = { 10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal" };
const levelName = (level: unknown): string => (typeof level === "number" ? (pinoLevels[level] ?? String(level)) : textOf(level));
const textOf = (value: unknown): string => (typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value));

/** Dyes a word; the identity where no terminal shows colours. */
export type Dye = (colour: "red" | "yellow" | "cyan" | "dim", text: string) => string;

/** `14:03:21 web    info  request done  path=/ status=200`: time in Amsterdam, name padded to `width`. */
export function renderLine(line: LogLine, width: number, dye: Dye): string {
  const head = `${dye("dim", timeOfDay(line.time))} ${dye("cyan", line.service.padEnd(width))} `;
  if (line.record === undefined) return head + line.text;
  const { level, message, rest } = line.record;
  const fields = Object.entries(rest).map(([key, value]) => `${key}=${textOf(value)}`);
  const shown = /^(error|fatal|critical)$/i.test(level) ? dye("red", level) : /^warn/i.test(level) ? dye("yellow", level) : level;
  return `${head}${shown} ${message}${fields.length > 0 ? `  ${dye("dim", fields.join(" "))}` : ""}`;
}

const clock = new Intl.DateTimeFormat("nl-NL", { timeZone: "Europe/Amsterdam", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const timeOfDay = (time: string): string => clock.format(new Date(time));

/** One JSON object for a program: service, time, and the record's fields or the text. */
export const jsonLine = ({ service, time, text, record }: LogLine): string =>
  JSON.stringify({ service, time, ...(record === undefined ? { message: text } : { level: record.level, message: record.message, ...record.rest }) });
