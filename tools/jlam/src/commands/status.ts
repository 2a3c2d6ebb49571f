/** `jlam status`: what runs, since when, and how it is. */
import type { Command } from "commander";
import { formatBytes, formatDuration } from "../runtime/format.ts";
import { status, type ServiceStatus } from "../runtime/status.ts";
import { examples } from "../terminal/examples.ts";
import { print, printJson, printTable } from "../terminal/output.ts";

export function register(command: Command): void {
  command
    .argument("[environment]", "environment to look at", "local")
    .option("--json", "print everything as JSON")
    .option("--exit-code", "exit with 1 unless everything that was started is healthy");
  examples(command, [
    ["jlam status", "services of local, with health, memory and addresses"],
    ["jlam status ci --json", "the same of ci, for a program"],
  ]);
  command.action(async (environment: string, options: { json?: true; exitCode?: true }) => {
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

function row(service: ServiceStatus): readonly string[] {
  const { status: state, exitCode, health, since, restarts, memory, memoryLimit, image } = service;
  const words = state === "absent" ? "not started" : service.oneShot && exitCode === 0 ? "done" : exitCode !== undefined ? `ended with ${exitCode}` : (health ?? state);
  return [
    service.service,
    words,
    since === undefined ? "" : `${formatDuration(Date.now() - Date.parse(since))} ago`,
    restarts === 0 ? "" : String(restarts),
    memory === undefined ? "" : `${formatBytes(memory)} of ${formatBytes(memoryLimit)}`,
    image ?? "",
  ];
}
