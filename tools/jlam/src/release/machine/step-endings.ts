/** The ends of an undertaking: tidying up behind it, or taking back what it did before the switch. */
import { colours, colouredName, otherColour } from "@jlam/compose-dsl";
import { areHealthy, itineraryIn, untilHealthy } from "./on-host.ts";
import { isForward } from "../plan/upgrades.ts";
import { keptFolders, type Placed } from "./situation.ts";
import type { StepResult, Work } from "./steps.ts";
import { settle } from "./step-preparations.ts";

/** Stops the colour that was left, and removes what nobody needs any more; never what a rollback returns to. */
export async function finish({ host, token, run: { to }, situation, report }: Work): Promise<StepResult> {
  const itinerary = await itineraryIn(host, to.folder);
  const left = itinerary.coloured.map(({ service }) => colouredName(service, otherColour(to.colour)));
  report(`${left.join(", ")} stops; it can be started again without a registry`);
  await host.stop(token, left);
  const known = new Set([
    ...itinerary.groups.flatMap((group) => [...group.services, ...group.jobs]),
    ...itinerary.jobs.map(({ name }) => name),
    ...itinerary.coloured.flatMap(({ service }) => colours.map((colour) => colouredName(service, colour))),
  ]);
  const strangers = (await host.copies()).map(({ name }) => name).filter((name) => !known.has(name));
  if (strangers.length > 0) await host.remove(token, [...new Set(strangers)]);
  const kept = keptFolders(situation);
  await host.prune(token, kept);
  return { outcome: "done", evidence: { kept: kept.join(", "), removed: strangers.join(", ") } };
}

/** How long what serves may take to be found healthy again, in milliseconds. */
const servingLimit = 60_000;

/**
 * Takes back what was done before the switch: the new colour goes, and services that can't run twice become what they
 * were, but for those whose data went forward only and that the old version couldn't read any more.
 */
export async function revert(work: Work): Promise<StepResult> {
  const { host, token, run: { from, to }, report, signal } = work;
  const facts = await host.facts();
  if (facts.colours[to.colour] === to.folder && facts.releases.has(to.folder)) {
    const { coloured } = await itineraryIn(host, to.folder);
    const names = coloured.map(({ service }) => colouredName(service, to.colour));
    report(`${names.join(", ")} goes`);
    await host.remove(token, names);
  }
  if (from === undefined || work.run.action === "rollback") return { outcome: "done" };
  const left = await goneForward(work, from);
  if (left.length > 0) report(`${left.join(", ")} stay as they are: the version before can't read their data any more`);
  const back = await settle({ ...work, run: { ...work.run, to: from }, planned: undefined }, new Set(left));
  if (back.outcome !== "done") return back;
  const { coloured } = await itineraryIn(host, from.folder);
  const serving = coloured.map(({ service }) => colouredName(service, from.colour));
  if (!(await areHealthy(host, serving))) await untilHealthy(host, serving, servingLimit, signal, { mayRecover: true });
  return { outcome: "done", evidence: { ...back.evidence, ...(left.length > 0 && { "not taken back": left.join(", ") }) } };
}

/** Services of programs that were started at a release from which their data doesn't come back. */
async function goneForward({ host, run: { to } }: Work, from: Placed): Promise<readonly string[]> {
  const facts = await host.facts();
  if (!facts.releases.has(to.folder)) return [];
  const [coming, serving] = await Promise.all([itineraryIn(host, to.folder), itineraryIn(host, from.folder)]);
  const ahead = coming.forwardOnly.filter(({ service, version }) => serving.forwardOnly.some((was) => was.service === service && isForward(was.version, version)));
  if (ahead.length === 0) return [];
  const definitions = await host.definitions(to.folder);
  const started = new Set(ahead.filter(({ service }) => facts.definitions.get(service) === definitions.get(service)).map(({ program }) => program));
  return ahead.filter(({ program }) => started.has(program)).map(({ service }) => service);
}
