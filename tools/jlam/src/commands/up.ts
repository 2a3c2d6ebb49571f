/** `jlam up`: boot an environment. */
import { relative } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { duration, type DurationInput } from "@jlam/compose-dsl";
import { ensureDashboard } from "../dashboard/detached.ts";
import { describeVersions } from "../runtime/bootable.ts";
import { onTerminal } from "../runtime/reporter.ts";
import { describeUp } from "../runtime/up-text.ts";
import { up } from "../runtime/up.ts";
import { describePlan } from "../runtime/plan-text.ts";
import { trustLines } from "../runtime/certificates.ts";
import { renderLine } from "../runtime/log-lines.ts";
import { watch } from "../runtime/watch.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { installHook } from "../secrets/scan/hook.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { colour, print, printJson, say } from "../terminal/output.ts";

interface Options {
  readonly recreate?: readonly string[];
  readonly timeout?: number;
  readonly dryRun?: true;
  readonly json?: true;
  readonly yes?: true;
  readonly typeCheck: boolean;
  readonly watch?: true;
}

export function register(command: Command): void {
  command
    .argument("[environment]", "environment to boot", "local")
    .argument("[stack...]", "only these stacks, with what they wait for")
    .option("--recreate <service...>", "make these services anew although nothing changed")
    .option("--timeout <duration>", "give up after this long, such as 90s or 5m (default: what the health checks allow)", parseDuration)
    .option("--watch", "local only: run our own programs from their source, which they follow, until Ctrl-C")
    .option("--dry-run", "say what would be made, and start nothing")
    .option("--no-type-check", "don't ask the TypeScript compiler first")
    .option("-y, --yes", "don't ask before installing Docker")
    .option("--json", "print the result as JSON");
  examples(command, [
    ["jlam up", "boot local and wait until it is healthy"],
    ["jlam up ci", "the environment that tests use, beside local"],
    ["jlam up local web", "only the web application and what it waits for"],
    ["jlam up local --recreate web", "a new container for the web application"],
    ["jlam up --watch", "edit apps/web/src and see it at once"],
    ["jlam up --dry-run", "what would change"],
  ]);
  command.action(async (environment: string, stacks: readonly string[], options: Options) => {
    if (options.watch && environment !== "local") throw new PersonError(`Only local is watched, not ${environment}.`, { fix: "`jlam up local --watch`", exitCode: 2 });
    const result = await up({
      environment,
      stacks,
      reporter: onTerminal,
      checkTypes: options.typeCheck,
      dryRun: options.dryRun === true,
      yes: options.yes === true,
      ...(options.recreate && { recreate: options.recreate }),
      ...(options.timeout !== undefined && { timeout: options.timeout }),
    });
    const hook = options.dryRun || process.env["CI"] !== undefined ? undefined : await installHook(repositoryRoot);
    if (hook !== undefined) say(`Commits are scanned for secrets from now on, by ${relative(process.cwd(), hook)}.`);
    if (options.json) return printJson(result);
    for (const line of describeVersions(result.versions, relative(process.cwd(), result.directory))) print(line);
    for (const line of options.dryRun ? describePlan(result.plan, result.leftOut) : describeUp(result)) print(line);
    if (result.authority !== undefined && result.changed.length > 0) for (const line of ["", ...trustLines(result.authority)]) print(line);
    if (!options.dryRun) print(`\n${await dashboardLine(environment)}`);
    if (options.watch) await watchUntilInterrupted(environment);
  });
}

/**
 * Where the environment is shown in a browser. Its server is started only where somebody sits at a terminal, since it
 * goes on when this process ends.
 */
async function dashboardLine(environment: string): Promise<string> {
  if (!process.stdout.isTTY || process.env["CI"] !== undefined) return `\`jlam dashboard ${environment}\` shows it in a browser.`;
  try {
    return `dashboard: ${await ensureDashboard(environment)}`;
  } catch (error) {
    // The environment is up all the same.
    if (error instanceof PersonError) return `${error.message} ${error.fix ?? ""}`;
    throw error;
  }
}

/** Follows the source until Ctrl-C, and then brings the normal containers back before the process ends. */
async function watchUntilInterrupted(environment: string): Promise<void> {
  const end = new AbortController();
  const watching = watch({
    environment,
    reporter: onTerminal,
    signal: end.signal,
    onLine: (line) => print(renderLine(line, line.service.length, (name, text) => colour(name, text, process.stdout))),
    onWatching: (services) => say(`${services.join(", ")} follow${services.length === 1 ? "s" : ""} the source. Ctrl-C ends that.`),
  });
  const forget = onInterrupt(async () => {
    say("Bringing the normal containers back…");
    end.abort();
    await watching.catch(() => undefined);
  });
  await watching.finally(forget);
}

function parseDuration(text: string): number {
  try {
    return duration(text as DurationInput).ms;
  } catch {
    throw new InvalidArgumentError("Write a number and a unit, such as 90s or 5m.");
  }
}
