/** A boot that failed, told to a person: which service, what it last said, the likely cause, the fix. */
import type { ResolvedEnvironment, ResolvedService } from "@jlam/compose-dsl";
import { PersonError } from "../terminal/failure.ts";
import type { BootOutcome } from "./boot.ts";
import { likelyCause, type Cause, type Evidence } from "./causes.ts";
import { lastLines, listContainers, type ContainerState } from "./containers.ts";
import { formatBytes } from "./format.ts";
import { parseRecord } from "./log-lines.ts";

/** As many lines as fit on a screen together with the rest. */
const shownLines = 20;

/** A boot that did not end well. Its data is for `--json`, its text for people. */
export class BootError extends PersonError {
  readonly service: string | undefined;
  readonly likelyCause: Cause | undefined;
  readonly log: readonly string[];

  constructor(what: string, details: { readonly service?: string | undefined; readonly cause: Cause | undefined; readonly log: readonly string[]; readonly why: string; readonly where?: string | undefined; readonly fix: string }) {
    super(what, { where: details.where, why: details.why, fix: details.fix });
    this.service = details.service;
    this.likelyCause = details.cause;
    this.log = details.log;
  }
}

/** Gathers the evidence for a failed boot. `redact` strikes secret values out of everything that is shown. */
export async function describeBootFailure(
  outcome: Exclude<BootOutcome, { kind: "ready" | "interrupted" }>,
  environment: ResolvedEnvironment,
  project: string,
  redact: (text: string) => string,
): Promise<BootError> {
  const containers = await listContainers(project);
  const suspect = await findSuspect(outcome, environment, containers);
  const container = containers.find(({ service }) => service === suspect?.name);
  const written = (container ? await lastLines(container.id, shownLines) : []).map(redact);
  const log = written.map((line) => readable(line, suspect));
  const composeOutput = redact(outcome.composeOutput);
  const cause = likelyCause(evidenceOf(environment.name, suspect, container, written, composeOutput));
  const complaints = composeOutput.split("\n").filter((line) => /error|failed|unhealthy|invalid|exit/i.test(line)).slice(-5);
  const why = [
    ...(outcome.kind === "too-slow" ? outcome.waiting.map(({ service, text }) => `${service}: ${text}`) : []),
    ...(log.length > 0 ? [`Its last lines:`, ...log.map((line) => `  ${line}`)] : []),
    ...(container?.error ? [redact(container.error)] : []),
    ...(log.length === 0 || outcome.kind === "compose-failed" ? complaints : []),
    ...(cause === undefined ? [] : [`Likely cause: ${cause.what}`]),
  ];
  const place = suspect && `${suspect.node.at.file.replace(/^file:\/\//, "")}:${suspect.node.at.line}`;
  return new BootError(headline(outcome, suspect), {
    service: suspect?.name,
    cause,
    log,
    where: place,
    why: why.join("\n"),
    fix: cause?.fix ?? `\`jlam logs ${environment.name}${suspect ? ` ${suspect.name}` : ""}\` has more; \`jlam doctor\` looks at this machine.`,
  });
}

/** A stack trace or a request's fields would fill the screen; `jlam logs` has them. */
const longestLine = 300;

function readable(line: string, service: ResolvedService | undefined): string {
  const record = parseRecord(line, service?.node.logs);
  const text = record === undefined ? line : `${record.level} ${record.message}`;
  return text.length > longestLine ? `${text.slice(0, longestLine)}…` : text;
}

function headline(outcome: Exclude<BootOutcome, { kind: "ready" | "interrupted" }>, suspect: ResolvedService | undefined): string {
  switch (outcome.kind) {
    case "failed":
      return `${outcome.service} ${outcome.text}.`;
    case "too-slow":
      return `${outcome.waiting.map(({ service }) => service).join(", ")} did not become ready in time.`;
    case "compose-failed":
      return suspect ? `${suspect.name} could not be started.` : "Docker Compose could not start everything.";
  }
}

/** The service to look at: the one that failed, or where Compose failed the one that it names. */
async function findSuspect(
  outcome: Exclude<BootOutcome, { kind: "ready" | "interrupted" }>,
  environment: ResolvedEnvironment,
  containers: readonly ContainerState[],
): Promise<ResolvedService | undefined> {
  switch (outcome.kind) {
    case "failed":
      return environment.services.get(outcome.service);
    case "too-slow": {
      const waiting = new Set(outcome.waiting.map(({ service }) => service));
      const first = [...waiting].map((name) => environment.services.get(name)).find((service) => service?.dependsOn.every(({ service: other }) => !waiting.has(other)));
      return first;
    }
    case "compose-failed": {
      const broken = containers.find(({ error, exitCode, status }) => error !== "" || (status === "exited" && exitCode !== 0));
      return environment.services.get(broken?.service ?? "");
    }
  }
}

function evidenceOf(environment: string, service: ResolvedService | undefined, container: ContainerState | undefined, log: readonly string[], composeOutput: string): Evidence {
  return {
    service: service?.name,
    environment,
    log: log.join("\n"),
    composeOutput,
    engineError: container?.error ?? "",
    exitCode: container?.exitCode ?? 0,
    outOfMemory: container?.outOfMemory ?? false,
    // A program that keeps ending fails its checks too, and those say nothing about why.
    unhealthy: container?.status === "running" && container.health === "unhealthy" && container.restarts === 0,
    healthOutput: container?.healthOutput ?? "",
    volumes: service?.mounts.flatMap((mount) => (mount.kind === "volume" ? [mount.volume.name] : [])) ?? [],
    memory: service ? formatBytes(service.node.resources.memory.bytes) : "memory",
  };
}
