/** The Examples section of a command's help. */
import type { Command } from "commander";

/** Adds `Examples:` below the help: pairs of a command line and what it does. */
export function examples(command: Command, lines: readonly (readonly [commandLine: string, meaning: string])[]): void {
  const width = Math.max(...lines.map(([commandLine]) => commandLine.length));
  const text = lines.map(([commandLine, meaning]) => `  ${commandLine.padEnd(width)}   ${meaning}`).join("\n");
  command.addHelpText("after", `\nExamples:\n${text}`);
}
