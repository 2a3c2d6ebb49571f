/** `logs`: what an environment's containers wrote, in order of time, or as it comes. */
import { stripVTControlCharacters } from "node:util";
import { projectName } from "@jlam/compose-dsl";
import { execa } from "execa";
import { knownValues } from "../secrets/provide.ts";
import { redactor } from "../secrets/redact.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { fixOfName, PersonError } from "../terminal/failure.ts";
import { loadRunning } from "./bootable.ts";
import { engine, listContainers } from "./containers.ts";
import { requireEngine } from "./engine-client.ts";
import { parseLine, type LogLine } from "./log-lines.ts";

export interface LogOptions {
  readonly environment: string;
  /** All services when empty. */
  readonly services: readonly string[];
  readonly follow: boolean;
  /** As Docker reads it: a duration such as 10m, or a time in RFC 3339. */
  readonly since?: string | undefined;
  /** Lines per service from the end. */
  readonly tail?: string | undefined;
  /** Ends the following. */
  readonly signal?: AbortSignal;
  readonly root?: string;
}

/**
 * Yields lines, with secret values struck out: sorted by time, or with `follow` as they come, until the caller stops.
 * @throws PersonError for an unknown environment or service
 */
export async function* logLines({ environment: name, services, follow, since, tail, signal, root = repositoryRoot }: LogOptions): AsyncGenerator<LogLine> {
  const environment = await loadRunning(name, root);
  await requireEngine(engine);
  for (const service of services) {
    if (environment.services.has(service)) continue;
    throw new PersonError(`There is no service "${service}" in ${name}.`, { fix: fixOfName(service, [...environment.services.keys()]), exitCode: 2 });
  }
  const present = new Set((await listContainers(projectName(name))).map(({ service }) => service));
  const shown = services.filter((service) => present.has(service));
  if (services.length > 0 && shown.length === 0 && !follow) return;
  const formats = new Map([...environment.services.values()].map((service) => [service.name, service.node.logs]));
  const redact = redactor(knownValues(root, name));
  const run = execa(
    "docker",
    [
      ...["compose", "--project-name", projectName(name), "--ansi=never", "logs", "--timestamps", "--no-color"],
      ...(follow ? ["--follow"] : []),
      ...(since === undefined ? [] : ["--since", since]),
      ...(tail === undefined ? [] : ["--tail", tail]),
      ...shown,
    ],
    { reject: false, stdin: "ignore", buffer: { stdout: false, stderr: true }, lines: true, ...(signal && { cancelSignal: signal }) },
  );
  const collected: LogLine[] = [];
  for await (const text of run.iterable()) {
    // Compose clears the line before each; a program's own control characters have no business on this terminal either.
    const line = parseLine(redact(stripVTControlCharacters(text)), formats);
    if (line === undefined) continue;
    if (follow) yield line;
    else collected.push(line);
  }
  const result = await run;
  if (result.failed && signal?.aborted !== true) {
    throw new PersonError(`The logs of ${name} could not be read.`, { why: redact(result.stderr.join("\n")), fix: "--since takes a duration such as 10m, or a time such as 2026-01-31T12:00:00Z." });
  }
  // Compose prints one container after the other.
  yield* collected.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}
