/** What may stand at the end of a half-typed command line: from the commands themselves and the declarations. */
import { Command, type Option } from "commander";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import type { CommandEntry } from "../commands.ts";
import { databaseNames } from "../runtime/psql.ts";
import { stackNames } from "../runtime/selection.ts";
import { environmentNames, loadEnvironment } from "../synth/platform.ts";

/**
 * Candidates for the last of `words` (what was typed behind `jlam`, the last possibly empty), sorted as they should be
 * shown. Empty where the shell's own completion (of files) fits better. Throws nothing for a line that makes no sense.
 */
export async function candidates(words: readonly string[], commands: readonly CommandEntry[]): Promise<readonly string[]> {
  const current = words.at(-1) ?? "";
  const typed = words.slice(0, -1);
  if (typed.includes("--")) return [];
  const offered = await offer(typed, current, commands);
  return [...new Set(offered)].filter((candidate) => candidate.startsWith(current));
}

async function offer(typed: readonly string[], current: string, commands: readonly CommandEntry[]): Promise<readonly string[]> {
  const names = commands.map(({ name }) => name);
  const [name, ...rest] = typed;
  if (name === undefined) return [...names, "help", "--help"];
  if (name === "help") return rest.length === 0 ? names : [];
  const entry = commands.find((command) => command.name === name);
  if (entry === undefined) return [];
  const root = new Command(name);
  (await entry.load()).register(root);
  const { command, positionals, pending } = readLine(root, rest);
  const environment = environmentSaid(command, rest, positionals);
  if (pending !== undefined) return pending.argChoices ?? (await valuesOf(pending.attributeName(), environment));
  if (current.startsWith("-")) return [...command.options.flatMap(({ hidden, long, short }) => (hidden ? [] : [long ?? short ?? ""])), "--help"];
  const subcommands = command.commands.map((child) => child.name());
  if (subcommands.length > 0 && positionals.length === 0) return subcommands;
  const expected = command.registeredArguments;
  const argument = expected[positionals.length] ?? (expected.at(-1)?.variadic ? expected.at(-1) : undefined);
  if (argument === undefined) return [];
  const values = argument.argChoices ?? (await valuesOf(argument.name(), environment));
  return argument.variadic ? values.filter((value) => !positionals.includes(value)) : values;
}

interface ReadLine {
  /** The command, or the subcommand that the words name. */
  readonly command: Command;
  readonly positionals: readonly string[];
  /** The option whose value comes next. */
  readonly pending: Option | undefined;
}

function readLine(root: Command, words: readonly string[]): ReadLine {
  let command = root;
  const positionals: string[] = [];
  let pending: Option | undefined;
  for (const word of words) {
    if (word.startsWith("-")) {
      const option = command.options.find(({ long, short }) => word === long || word === short);
      pending = option?.required || option?.optional ? option : undefined;
    } else if (pending !== undefined) {
      if (!pending.variadic) pending = undefined;
    } else {
      const child = positionals.length === 0 ? command.commands.find((candidate) => candidate.name() === word) : undefined;
      if (child === undefined) positionals.push(word);
      else command = child;
    }
  }
  return { command, positionals, pending };
}

/** The environment that the line is about: an option's value, an argument, or what the command assumes. */
function environmentSaid(command: Command, words: readonly string[], positionals: readonly string[]): string {
  const option = command.options.find((candidate) => candidate.attributeName() === "environment");
  const at = words.findIndex((word) => word === option?.long || word === option?.short);
  const index = command.registeredArguments.findIndex((argument) => argument.name() === "environment");
  return (at >= 0 ? words[at + 1] : undefined) ?? (index >= 0 ? positionals[index] : undefined) ?? "local";
}

/** Values by the name that arguments and options have throughout the command line. */
async function valuesOf(name: string, environment: string): Promise<readonly string[]> {
  switch (name) {
    case "environment":
    case "environments":
    case "from":
    case "to":
      return environmentNames();
    case "stack":
      return await fromEnvironment(environment, stackNames);
    case "service":
    case "recreate":
      return await fromEnvironment(environment, ({ services }) => [...services.keys()].sort());
    case "database":
      return await fromEnvironment(environment, databaseNames);
    default:
      return [];
  }
}

async function fromEnvironment(name: string, values: (environment: ResolvedEnvironment) => readonly string[]): Promise<readonly string[]> {
  if (!environmentNames().includes(name)) return [];
  return values(await loadEnvironment(name));
}
