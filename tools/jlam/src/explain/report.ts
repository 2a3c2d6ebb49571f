/** What `jlam explain` says. */
import type { Explained } from "./explained.ts";

/** Up to so many values are told one by one; more of them as a list. */
const mostInFull = 3;

/** Longest value in the list, in characters. */
const longestValue = 48;

/** A few values with their reason, place and source line; many as a list with one line each. */
export function explanationLines(explained: readonly Explained[]): readonly string[] {
  return explained.length <= mostInFull ? explained.flatMap(inFull) : inList(explained);
}

function inFull({ path, value, kind, because, text, ...place }: Explained, index: number): readonly string[] {
  const where = placeText(place);
  return [
    ...(index > 0 ? [""] : []),
    `${path}: ${String(value)}`,
    `  ${reason(kind, because)}`,
    ...(where === "" ? [] : [`  → ${where}`]),
    ...(text === "" ? [] : [`    ${text}`]),
  ];
}

/** `declared as owner`, `default: nothing may change its own program`. */
function reason(kind: string, because: string): string {
  if (because === "") return kind;
  if (because.startsWith(kind)) return because;
  return because.startsWith("as ") ? `${kind} ${because}` : `${kind}: ${because}`;
}

function inList(explained: readonly Explained[]): readonly string[] {
  const rows = explained.map(({ path, value, kind, ...place }) => [path, short(String(value)), kind, placeText(place)]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd());
}

const placeText = ({ file, line }: Pick<Explained, "file" | "line">): string => (file === undefined ? "" : `${file}:${line}`);

const short = (text: string): string => (text.length <= longestValue ? text : `${text.slice(0, longestValue - 1)}…`);
