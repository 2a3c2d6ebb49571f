/**
 * The command line: `./jlam <command>` ends here.
 *
 * To add a command:
 * 1. Write `commands/<name>.ts` with one export, `register(command)`. It gets a commander `Command` that already
 *    has its name and summary; add arguments, options, `examples(command, […])` and the action:
 *
 *        export function register(command: Command): void {
 *          command.argument("<environment>").option("--json", "print JSON");
 *          examples(command, [["jlam status local", "what runs, and since when"]]);
 *          command.action(async (environment: string, options: { json?: true }) => { … });
 *        }
 *
 * 2. Add one line to `commands.ts`.
 *
 * Only the module of the command that is asked for is imported, so keep heavy imports inside that module.
 * A person's mistake is `throw new PersonError(what, { where, why, fix })` (terminal/failure.ts): exit code 1, no
 * stack. What must be undone on Ctrl-C is registered with `onInterrupt` (terminal/interrupt.ts). Data goes to
 * stdout through terminal/output.ts, progress to stderr through terminal/progress.ts, questions through
 * terminal/confirm.ts.
 */
import { nearest } from "@jlam/compose-dsl/nearest";
import { Command, CommanderError } from "commander";
import { commands, type CommandEntry } from "./commands.ts";
import { PersonError, reportFailure, usageError } from "./terminal/failure.ts";
import { handleInterrupts } from "./terminal/interrupt.ts";

/**
 * Runs one command line (without `node` and the script) and returns the exit code: 0, 1 for a failure, 2 for a
 * command line that can't be understood. Never throws.
 */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const program = await buildProgram(args);
    await program.parseAsync(args.length === 0 ? ["--help"] : args, { from: "user" });
    return typeof process.exitCode === "number" ? process.exitCode : 0;
  } catch (error) {
    // Commander has printed help: asked for (0), or because a subcommand is missing.
    if (error instanceof CommanderError && error.code === "commander.help") return 2;
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return reportFailure(error instanceof CommanderError ? usageError(error.message) : error);
  }
}

async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command("jlam")
    .description("The JLAM platform: every service described once, everything else derived.")
    .usage("<command> [options]")
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showHelpAfterError(false)
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .addHelpText("after", "\n`jlam <command> --help` has the options and examples of a command.");
  const asked = askedCommand(args);
  for (const entry of commands) {
    const command = program.command(entry.name).summary(entry.summary).description(entry.summary);
    if (entry.name === asked) (await entry.load()).register(command);
  }
  if (asked !== undefined && !["help", ...commands.map(({ name }) => name)].includes(asked)) {
    throw unknownCommand(asked, commands);
  }
  return program;
}

/** The command's name in `jlam [--options] name …` or `jlam help name`; undefined where none is given. */
function askedCommand(args: readonly string[]): string | undefined {
  const words = args.filter((arg) => !arg.startsWith("-"));
  return words[0] === "help" ? words[1] : words[0];
}

function unknownCommand(asked: string, known: readonly CommandEntry[]): PersonError {
  const near = nearest(
    asked,
    known.map((entry) => entry.name),
  );
  return new PersonError(`There is no command "${asked}".`, {
    fix: near === undefined ? "`jlam --help` lists the commands." : `Did you mean \`jlam ${near}\`?`,
    exitCode: 2,
  });
}

if (import.meta.main) {
  // `jlam … | head` closes the pipe early: that is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  handleInterrupts();
  process.exitCode = await run(process.argv.slice(2));
}
