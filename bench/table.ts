/** Tables as Markdown, so that what a benchmark prints can stand in the documentation as it is. */
import { cpus, loadavg, release } from "node:os";
import type { Measured } from "./whole-process.ts";
import { median } from "./whole-process.ts";

export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  console.log(line(header));
  console.log(`|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
  for (const row of rows) console.log(line(row));
}

/** What the figures were made on; without it nobody can compare them. */
export function printMachine(): void {
  const [cpu] = cpus();
  console.log(`${cpus().length} × ${cpu?.model ?? "?"}, Linux ${release()}, Node ${process.version}, load ${loadavg().map((load) => load.toFixed(1)).join(" ")}\n`);
}

export const milliseconds = (value: number): string => (value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(0)} ms`);
export const mebibytes = (value: number | undefined): string => (value === undefined ? "?" : `${(value / 1024 ** 2).toFixed(0)} MB`);

/** Name, minimum, median and maximum wall time, and peak memory. */
export const timeRow = ({ name, wallMs, peakBytes }: Measured): readonly string[] => [
  name,
  milliseconds(Math.min(...wallMs)),
  milliseconds(median(wallMs)),
  milliseconds(Math.max(...wallMs)),
  mebibytes(peakBytes),
];
