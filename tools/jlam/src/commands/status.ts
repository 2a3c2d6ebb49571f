/** `jlam status`: what runs, since when, and how it is. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { createLogUpdate } from "log-update";
import { describePicture, type Dye } from "../monitoring/picture-text.ts";
import { takePicture } from "../monitoring/picture.ts";
import { formatBytes, formatDuration } from "../runtime/format.ts";
import { stateOf, status, type ServiceStatus } from "../runtime/status.ts";
import { examples } from "../terminal/examples.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { colour, print, printJson, printTable } from "../terminal/output.ts";

interface Options {
  readonly watch?: true;
  readonly json?: true;
  readonly exitCode?: true;
}

export function register(command: Command): void {
  command
    .argument("[environment]", "environment to look at", "local")
    .option("-w, --watch", "with alerts and error budgets from Prometheus, drawn anew until Ctrl-C; once where there is no terminal")
    .option("--json", "print everything as JSON, once")
    .option("--exit-code", "exit with 1 unless everything that was started is healthy");
  examples(command, [
    ["jlam status", "services of local, with health, memory and addresses"],
    ["jlam status --watch", "the same as it changes, with what fires and what is left of each promise"],
    ["jlam status ci --json", "the same of ci, for a program"],
    ["jlam status ci --watch --json", "once, with alerts and error budgets"],
  ]);
  command.action(async (environment: string, options: Options) => {
    if (options.watch) return await watch(environment, options);
    const result = await status(environment);
    if (options.exitCode && !result.healthy) process.exitCode = 1;
    if (options.json) return printJson(result);
    if (result.services.every((service) => service.status === "absent")) {
      print(`${environment} is down; \`jlam up ${environment}\` boots it.`);
      return;
    }
    printTable(["service", "state", "since", "restarts", "memory", "image"], result.services.map(row));
    const open = result.addresses.filter(({ answers }) => answers);
    if (open.length > 0) print();
    for (const { url, service, needs } of open) print(`${url}  ${service}${needs === "" ? "" : ` (needs ${needs})`}`);
  });
}

/** Milliseconds between two looks: what Prometheus knows changes every 10 s, a container's state at any moment. */
const pause = 2000;

async function watch(environment: string, options: Options): Promise<void> {
  const dye: Dye = (name, text) => colour(name, text, process.stdout);
  const first = await takePicture(environment);
  if (options.json || !process.stdout.isTTY) {
    if (options.exitCode && !first.healthy) process.exitCode = 1;
    if (options.json) return printJson(first);
    for (const line of describePicture(first, dye)) print(line);
    return;
  }
  const screen = createLogUpdate(process.stdout);
  onInterrupt(() => screen.done());
  for (let picture = first; ; picture = await takePicture(environment)) {
    screen([...describePicture(picture, dye), "", dye("dim", "Ctrl-C ends it.")].join("\n"));
    await sleep(pause);
  }
}

function row(service: ServiceStatus): readonly string[] {
  const { since, restarts, memory, memoryLimit, image } = service;
  return [
    service.service,
    stateOf(service),
    since === undefined ? "" : `${formatDuration(Date.now() - Date.parse(since))} ago`,
    restarts === 0 ? "" : String(restarts),
    memory === undefined ? "" : `${formatBytes(memory)} of ${formatBytes(memoryLimit)}`,
    image ?? "",
  ];
}
