/** `jlam logs`: what the containers wrote, readable. */
import { InvalidArgumentError, type Command } from "commander";
import { jsonLine, renderLine } from "../runtime/log-lines.ts";
import { logLines } from "../runtime/logs.ts";
import { examples } from "../terminal/examples.ts";
import { colour, print } from "../terminal/output.ts";

interface Options {
  readonly follow?: true;
  readonly since?: string;
  readonly tail?: string;
  readonly jsonLines?: true;
}

/** Wide enough for the names of this platform's services; a longer one only moves its own line. */
const nameWidth = 20;

export function register(command: Command): void {
  command
    .argument("[environment]", "environment", "local")
    .argument("[service...]", "only these services")
    .option("-f, --follow", "go on as lines come, until Ctrl-C")
    .option("--since <time>", "from this long ago, such as 10m, or from this time")
    .option("--tail <lines>", "at most so many lines of each service, from the end", parseLines)
    .option("--json-lines", "one JSON object per line, for programs");
  examples(command, [
    ["jlam logs", "everything of local, in order of time"],
    ["jlam logs ci web --follow", "the web application of ci as it writes"],
    ["jlam logs local traefik --since 10m --json-lines", "the last ten minutes, for a program"],
  ]);
  command.action(async (environment: string, services: readonly string[], { follow, since, tail, jsonLines }: Options) => {
    for await (const line of logLines({ environment, services, follow: follow === true, since, tail })) {
      print(jsonLines ? jsonLine(line) : renderLine(line, nameWidth, (name, text) => colour(name, text, process.stdout)));
    }
  });
}

/** Compose takes what is no number for "all". */
function parseLines(text: string): string {
  if (/^\d+$/.test(text)) return text;
  throw new InvalidArgumentError("Write a number, such as 100.");
}
