/** What commands print: data on stdout, words beside it on stderr, colours only where a terminal shows them. */
import { styleText } from "node:util";

export type Colour = "red" | "green" | "yellow" | "cyan" | "dim" | "bold";

/** Colours text for stderr by default; plain where the stream is no terminal or NO_COLOR is set. */
export function colour(name: Colour, text: string, stream: NodeJS.WriteStream = process.stderr): string {
  return styleText(name, text, { stream });
}

/** One line of result on stdout. */
export function print(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** One line beside the result (what is being done, a warning), on stderr. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The whole result as indented JSON on stdout, for `--json`. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Columns of text on stdout, padded to the widest cell, with a dim header line. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  for (const line of tableLines(header, rows)) print(line);
}

/** The lines that {@link printTable} prints. */
export function tableLines(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [colour("dim", line(header), process.stdout), ...rows.map(line)];
}
