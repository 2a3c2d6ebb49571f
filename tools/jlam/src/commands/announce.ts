/** `jlam announce`: planned work tells the environment's monitoring of itself, and what it explains wakes nobody. */
import { InvalidArgumentError, type Command } from "commander";
import { duration, isReleased, settledSurroundings, type DurationInput, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { announceable, longestAnnouncement, settling, waitsFor } from "@jlam/monitoring/announcements";
import { watch } from "@jlam/monitoring/watch";
import { announce, endAnnouncement, isAnnouncement, reasonOf } from "../monitoring/announce.ts";
import type { Ask } from "../monitoring/ask.ts";
import { reachHere, unansweredInWords, withProgramOn } from "../monitoring/reach.ts";
import { listSilences, type Silence } from "../monitoring/silences.ts";
import { destinationOf, withHostOptions, type HostOptions } from "../release/command/host-options.ts";
import { openComposeHost } from "../release/host/compose-host.ts";
import { whoAsks } from "../release/record/source.ts";
import { loadRunning } from "../runtime/bootable.ts";
import { count, formatDuration, list } from "../runtime/format.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { fixOfName, PersonError } from "../terminal/failure.ts";
import { print, printJson, printTable } from "../terminal/output.ts";

interface Common extends HostOptions {
  readonly environment: string;
  readonly json?: true;
}

export function register(command: Command): void {
  command.description(
    "Alerts that planned work explains wait while it lasts: its services may be away inside, slow or restarting. Whatever wakes somebody (P1) is not among them, " +
      "since a release loses no request, unless you say --downtime. What is about security, backups, lost data, the host or an outage longer than recovery may take never waits.",
  );
  const start = command
    .command("start", { isDefault: true })
    .summary("announce work at these services; the word start may be left out")
    .argument("<service...>", "services and resources that are about to be restarted")
    .requiredOption("--reason <text>", "what is done, for whoever wonders why it is quiet")
    .option("--for <duration>", `alerts wait no longer than this; at most ${formatDuration(longestAnnouncement.ms)}`, parseDuration, duration("10m").ms)
    .option("--downtime", "visitors will notice: what says that the service is down waits too, also of what can't work without it");
  withCommonOptions(start).action(onStart);
  const shown = command.command("list").summary("show what is announced, and what was silenced by hand");
  withCommonOptions(shown).action(onList);
  const end = command
    .command("end")
    .summary(`end announcements early: alerts go on waiting for ${formatDuration(settling.ms)}, until what is well again is known to be`)
    .argument("<announcement...>", "ids as `jlam announce list` shows them, or how they begin")
    .option("--now", "let alerts through at once");
  withCommonOptions(end).action(onEnd);
  examples(command, [
    ['jlam announce redis-sessions --reason "new version" --for 5m', "before `jlam up local --recreate redis-sessions`"],
    ['jlam announce postgres-app -e production --downtime --reason "maintenance by Scaleway"', "and everything that needs that database"],
    ["jlam announce list -e production", "what is quiet now, until when, and who said so"],
    ["jlam announce end 32fc -e production", "the work is done"],
  ]);
}

const withCommonOptions = (command: Command): Command =>
  withHostOptions(command.option("-e, --environment <name>", "environment", "local")).option("--json", "print the result as JSON");

async function onStart(services: readonly string[], options: Common & { readonly reason: string; readonly for: number; readonly downtime?: true }): Promise<void> {
  const environment = await loadRunning(options.environment, repositoryRoot);
  const watched = watch(settledSurroundings(environment.node));
  const known = announceable(watched);
  for (const service of services) {
    if (!known.includes(service)) throw new PersonError(`There is no service or resource "${service}" in ${environment.name}.`, { fix: fixOfName(service, known), exitCode: 2 });
  }
  if (options.reason.trim() === "") throw new PersonError("--reason is empty.", { why: "Whoever looks at a quiet alert must learn why it is.", fix: 'Say what is done: --reason "new version of Redis".', exitCode: 2 });
  const expected = options.downtime ? "downtime" : "no-interruption";
  const who = await whoAsks(repositoryRoot);
  const until = new Date(Date.now() + options.for);
  const id = await withAlertmanager(environment, options, (ask) => announce(ask, { watched, services, expected, atMost: options.for, who, why: options.reason.trim() }));
  if (options.json) return printJson({ id, environment: environment.name, services, expected, until: until.toISOString(), waits: waitsFor(expected) });
  print(`${id.slice(0, 8)}: ${count(waitsFor(expected).length, "alert")} about ${list(services)} wait until ${timeOfDay(until)}.`);
  print(`\`jlam announce end ${id.slice(0, 8)}${options.environment === "local" ? "" : ` -e ${options.environment}`}\` when it is done before.`);
}

async function onList(options: Common): Promise<void> {
  const environment = await loadRunning(options.environment, repositoryRoot);
  const silences = await withAlertmanager(environment, options, listSilences);
  if (options.json) return printJson(silences);
  if (silences.length === 0) print(`Nothing is announced in ${environment.name}: every alert is told.`);
  else printTable(["id", "until", "about", "by", "because"], silences.map((silence) => [silence.id.slice(0, 8), timeOfDay(silence.until), aboutWhat(silence), silence.who, isAnnouncement(silence) ? reasonOf(silence) : `${silence.why} (by hand)`]));
}

async function onEnd(asked: readonly string[], options: Common & { readonly now?: true }): Promise<void> {
  const environment = await loadRunning(options.environment, repositoryRoot);
  const ended = await withAlertmanager(environment, options, async (ask) => {
    const found = await listSilences(ask);
    const ids = asked.map((begin) => theOne(begin, found, environment.name));
    for (const id of ids) await endAnnouncement(ask, id, { now: options.now === true });
    return ids;
  });
  if (options.json) printJson({ environment: environment.name, ended, now: options.now === true });
  else for (const id of ended) print(options.now ? `${id.slice(0, 8)} has ended.` : `${id.slice(0, 8)} ends within ${formatDuration(settling.ms)}, when it is known whether all is well.`);
}

/** The id that begins so. @throws PersonError where none or several do */
function theOne(begin: string, silences: readonly Silence[], environment: string): string {
  const [id, ...more] = silences.map((silence) => silence.id).filter((candidate) => candidate.startsWith(begin));
  if (id !== undefined && more.length === 0) return id;
  throw new PersonError(id === undefined ? `Nothing that begins with "${begin}" is announced in ${environment}.` : `"${begin}" begins ${more.length + 1} announcements of ${environment}.`, {
    fix: id === undefined ? `\`jlam announce list -e ${environment}\` shows what is.` : "Write more of the id.",
    exitCode: 2,
  });
}

async function withAlertmanager<T>(environment: ResolvedEnvironment, options: HostOptions, work: (ask: Ask) => Promise<T>): Promise<T> {
  try {
    if (!isReleased(environment.node)) return await work(await reachHere(environment, "alertmanager"));
    const host = await openComposeHost(environment.name, destinationOf(environment, options, repositoryRoot));
    try {
      return await withProgramOn(host, environment, "alertmanager", work);
    } finally {
      await host.close();
    }
  } catch (error) {
    throw unansweredInWords(error, environment.name, "alertmanager");
  }
}

/** What is quiet, in words: the services, and of other silences every condition. */
function aboutWhat(silence: Silence): string {
  const services = silence.matchers.find(({ name }) => name === "service");
  if (isAnnouncement(silence) && services) return services.value.split("|").join(", ");
  return silence.matchers.map(({ name, value, isRegex, isEqual }) => `${name}${isEqual ? "=" : "!"}${isRegex ? "~" : isEqual ? "" : "="}${value}`).join(", ");
}

const clock = new Intl.DateTimeFormat("nl-NL", { timeZone: "Europe/Amsterdam", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const timeOfDay = (time: Date): string => clock.format(time);

function parseDuration(text: string): number {
  let ms: number;
  try {
    ms = duration(text as DurationInput).ms;
  } catch {
    throw new InvalidArgumentError("Write a number and a unit, such as 90s or 5m.");
  }
  if (ms > 0 && ms <= longestAnnouncement.ms) return ms;
  throw new InvalidArgumentError(`At most ${formatDuration(longestAnnouncement.ms)}: what takes longer is watched by somebody, who can announce it again.`);
}
