/** The Docker engine: what is there, and how what is missing gets there. */
import { execa } from "execa";
import { confirm } from "../terminal/confirm.ts";
import { PersonError } from "../terminal/failure.ts";
import { startEngine } from "./dockerd.ts";
import { installPackages, planPackages, type PackagePlan } from "./packages.ts";

/** The oldest Compose that reads everything we emit (`include`, `env_file.required`, `develop`, image by digest). */
export const oldestCompose = "2.26.0";

/** What answers on this machine. A version is undefined where the part is missing. */
export interface EngineFacts {
  /** Where the client looks for the engine, such as unix:///var/run/docker.sock. */
  readonly host: string;
  readonly client: string | undefined;
  readonly server: string | undefined;
  readonly compose: string | undefined;
  readonly buildx: string | undefined;
  /** What the client said where no engine answered. */
  readonly refusal: string | undefined;
}

/** An engine that answers, with a Compose that is new enough and BuildKit. */
export interface Engine {
  readonly host: string;
  readonly server: string;
  readonly compose: string;
}

export type Part = "client" | "server" | "compose" | "buildx";

export interface EnsureOptions {
  /** Don't ask before installing. */
  readonly yes: boolean;
  /** Told, one line at a time, what is being done. */
  readonly say: (line: string) => void;
}

/** Looks at the engine without changing anything; never throws for what is missing. At most 10 s. */
export async function inspectEngine(): Promise<EngineFacts> {
  const [version, compose, buildx, context] = await Promise.all([
    ask("version", "--format", "{{.Client.Version}} {{if .Server}}{{.Server.Version}}{{end}}"),
    ask("compose", "version", "--short"),
    ask("buildx", "version"),
    ask("context", "inspect", "--format", "{{.Endpoints.docker.Host}}"),
  ]);
  const [client, server] = version.said.split(" ");
  return {
    host: process.env["DOCKER_HOST"] ?? (context.said || "unix:///var/run/docker.sock"),
    client: client || undefined,
    server: version.ok && server ? server : undefined,
    compose: compose.ok ? compose.said.replace(/^v/, "") : undefined,
    buildx: buildx.ok ? /v?(\d+\.\d+\.\d+)/.exec(buildx.said)?.[1] : undefined,
    refusal: version.ok ? undefined : version.refusal,
  };
}

/** The parts that are missing or too old, in the order in which a person would look. */
export function missingParts(facts: EngineFacts): readonly Part[] {
  return [
    ...(facts.client === undefined ? (["client"] as const) : []),
    ...(facts.server === undefined ? (["server"] as const) : []),
    ...(facts.compose === undefined || isOlder(facts.compose, oldestCompose) ? (["compose"] as const) : []),
    ...(facts.buildx === undefined ? (["buildx"] as const) : []),
  ];
}

/**
 * Makes sure that an engine answers, and returns it. An engine that answers is left alone. On Debian and Ubuntu as
 * root what is missing is installed after asking (not asked with `yes` or without a terminal), and started; elsewhere,
 * or when the person says no, throws a PersonError that says what to do.
 */
export async function ensureEngine(options: EnsureOptions): Promise<Engine> {
  let facts = await inspectEngine();
  let missing = missingParts(facts);
  if (missing.includes("server") && (await startEngine(facts, options.say))) {
    facts = await inspectEngine();
    missing = missingParts(facts);
  }
  if (missing.length > 0) {
    const plan = planPackages(missing);
    if (plan.kind === "by-hand") throw describeMissing(facts, missing, plan);
    options.say(`Docker is not complete here (missing: ${missing.join(", ")}). ${plan.explanation}`);
    if (!(await confirm("Install it now?", { yes: options.yes, withoutTerminal: true }))) {
      throw new PersonError("Without Docker nothing can be started here.", { fix: plan.byHand });
    }
    await installPackages(plan, options.say);
    if (missing.includes("server")) await startEngine(await inspectEngine(), options.say);
    facts = await inspectEngine();
    missing = missingParts(facts);
  }
  const { host, server, compose } = facts;
  if (missing.length > 0 || server === undefined || compose === undefined) {
    throw describeMissing(facts, missing, planPackages(missing));
  }
  return { host, server, compose };
}

function describeMissing(facts: EngineFacts, missing: readonly Part[], plan: PackagePlan): PersonError {
  const refused = /permission denied/i.test(facts.refusal ?? "");
  if (refused) {
    return new PersonError("The Docker engine is there, but you may not talk to it.", {
      where: facts.host,
      why: facts.refusal ?? "",
      fix: `Add yourself to the group docker (\`sudo usermod -aG docker "$USER"\`) and log in again.`,
    });
  }
  const [first] = missing;
  const what = {
    client: "There is no Docker client in PATH.",
    server: "No Docker engine answers.",
    compose:
      facts.compose === undefined
        ? "Docker has no Compose plugin."
        : `Docker Compose ${facts.compose} is too old; ${oldestCompose} is the oldest that reads our files.`,
    buildx: "Docker has no buildx plugin, which builds the images.",
  }[first ?? "server"];
  return new PersonError(what, {
    where: facts.host,
    ...(facts.refusal === undefined ? {} : { why: facts.refusal }),
    fix: plan.byHand,
  });
}

interface Answer {
  readonly ok: boolean;
  readonly said: string;
  readonly refusal: string;
}

async function ask(...args: readonly string[]): Promise<Answer> {
  const result = await execa("docker", args, { reject: false, timeout: 10_000, stdin: "ignore" });
  const ok = !result.failed;
  return { ok, said: result.stdout.trim(), refusal: result.stderr.trim() || (ok ? "" : (result.shortMessage ?? "")) };
}

/** Compares the numbers of two versions (`2.26.1`, `v2.26.1-ds1`). */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [a, b] = [numbers(version), numbers(than)];
  for (const index of [0, 1, 2]) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
