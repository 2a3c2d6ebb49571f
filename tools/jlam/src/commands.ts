/** The table of commands: a name, a sentence for `jlam --help`, and where its code is. Sorted as the help shows it. */
import type { Command } from "commander";

export interface CommandModule {
  /** Adds arguments, options, examples and the action to a command that has its name and summary. */
  register(command: Command): void;
}

export interface CommandEntry {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: "images",
    summary: "build, list and lock the container images",
    load: () => import("./commands/images.ts"),
  },
  {
    name: "synth",
    summary: "emit every environment's files from its declarations",
    load: () => import("./commands/synth.ts"),
  },
];
