/** The switch, and everything until it is proven or taken back. */
import { setTimeout as sleep } from "node:timers/promises";
import { colouredName, streamsEnd, switchFile } from "@jlam/compose-dsl";
import { HostFailure, type Host } from "../host/host.ts";
import { confirmSwitch } from "../switch/confirm.ts";
import { parseSamples } from "../switch/samples.ts";
import { watchWindow } from "../watch/window.ts";
import type { ColouredService, Itinerary } from "./itinerary.ts";
import { areHealthy, itineraryIn, untilHealthy } from "./on-host.ts";
import type { Placed } from "./situation.ts";
import type { StepResult, Work } from "./steps.ts";

/** Between two looks at a gauge, in milliseconds. */
const pause = 200;
/** How long a copy that was running may take to be found healthy, in milliseconds. */
const runningLimit = 60_000;

export async function switchOver({ host, token, run: { to }, objections }: Work): Promise<StepResult> {
  const found = await objections();
  if (found.length > 0) return { outcome: "failed", why: found.join("\n") };
  await switchTo(host, token, to);
  return { outcome: "done", evidence: { colour: to.colour } };
}

async function switchTo(host: Host, token: number, { folder, colour }: Placed): Promise<Itinerary> {
  const itinerary = await itineraryIn(host, folder);
  for (const { service, file } of itinerary.coloured) await host.place(token, folder, switchFile(service, colour), file);
  return itinerary;
}

export async function confirm({ host, run: { to }, confirmWithin }: Work): Promise<StepResult> {
  return { outcome: "done", evidence: { milliseconds: await confirmed(host, await itineraryIn(host, to.folder), to, confirmWithin) } };
}

async function confirmed(host: Host, itinerary: Itinerary, { colour }: Placed, limit: number): Promise<number> {
  const taken = await Promise.all(itinerary.coloured.map((coloured) => confirmSwitch(host, itinerary, coloured, colouredName(coloured.service, colour), limit)));
  return Math.max(0, ...taken);
}

/**
 * Waits until the old colour works on nothing any more. What still is open at the limit is told to end, if the program
 * knows how; it keeps running all the same, since the switch may have to be taken back.
 */
export async function drain({ host, token, run: { from }, report, signal }: Work): Promise<StepResult> {
  if (from === undefined) return { outcome: "done" };
  const itinerary = await itineraryIn(host, from.folder);
  const began = performance.now();
  const left = await Promise.all(itinerary.coloured.map(async (coloured) => {
    const name = colouredName(coloured.service, from.colour);
    const atLimit = await untilIdle(host, coloured, name, coloured.drain, signal);
    if (atLimit === 0 || coloured.endStreams === null) return atLimit;
    report(`${atLimit} still open in ${name}: told to end`);
    await host.signal(token, coloured.endStreams, [name]);
    return await untilIdle(host, coloured, name, streamsEnd.ms, signal);
  }));
  const open = left.map((count) => (count === undefined ? "unknown" : count)).join(", ");
  return { outcome: "done", evidence: { milliseconds: Math.round(performance.now() - began), "in flight at the end": open } };
}

/** Requests in flight after at most `limit` milliseconds: 0 as soon as there are none, undefined where the program doesn't say. */
async function untilIdle(host: Host, { inFlight }: ColouredService, name: string, limit: number, signal: AbortSignal): Promise<number | undefined> {
  const began = performance.now();
  const read = inFlight === null ? async () => undefined : gaugeOf(host, name, inFlight);
  let count: number | undefined;
  do {
    count = await read();
    if (count === 0) return 0;
    await sleep(pause, undefined, { signal });
  } while (performance.now() - began < limit);
  return count;
}

/**
 * Reads the gauge of a copy; 0 for one that doesn't run, and undefined where it doesn't answer. Where it is looked for
 * again only then: a look costs the host more than the question does.
 */
function gaugeOf(host: Host, name: string, { gauge, port, path }: NonNullable<ColouredService["inFlight"]>): () => Promise<number | undefined> {
  let address: string | undefined;
  return async () => {
    if (address === undefined) {
      const copy = (await host.copies()).find((found) => found.name === name);
      if (copy?.status !== "running") return 0;
      [address] = Object.values(copy.addresses);
    }
    if (address === undefined) return undefined;
    try {
      const { body } = await host.ask({ address, port, path, timeout: 2000 });
      return parseSamples(body).filter((sample) => sample.name === gauge).reduce<number | undefined>((sum, { value }) => (sum ?? 0) + value, undefined);
    } catch (error) {
      if (!(error instanceof HostFailure)) throw error;
      address = undefined;
      return undefined;
    }
  };
}

export async function watch({ host, run: { from, to }, watch: options, accepted, report, signal }: Work): Promise<StepResult> {
  if (from === undefined) return { outcome: "done", evidence: { watched: "no: nothing served before, so nobody was led away from it" } };
  const itinerary = await itineraryIn(host, to.folder);
  // Whoever vouches for it has watched it: one look remains, at whether it runs.
  const looks = accepted === undefined ? options : { ...options, window: 0 };
  const verdict = await watchWindow(host, itinerary, itinerary.coloured.map(({ service }) => colouredName(service, to.colour)), looks, report, signal);
  switch (verdict.kind) {
    case "good":
      return { outcome: "done", evidence: { requests: verdict.requests, errors: verdict.errors, "p95 ms at most": verdict.p95 ?? "not measured" } };
    case "bad":
      return { outcome: "failed", why: verdict.why, evidence: { requests: verdict.requests } };
    case "unknown":
      if (accepted !== undefined) return { outcome: "done", evidence: { requests: verdict.requests, "accepted because": accepted } };
      return { outcome: "held", why: verdict.why, evidence: { requests: verdict.requests } };
  }
}

/** Leads visitors back to what served before, which still runs. */
export async function switchBack({ host, token, run: { from }, confirmWithin, report, signal }: Work): Promise<StepResult> {
  if (from === undefined) return { outcome: "held", why: "nothing served before, so there is nothing to go back to" };
  const { coloured } = await itineraryIn(host, from.folder);
  const names = coloured.map(({ service }) => colouredName(service, from.colour));
  // It runs, unless somebody or the kernel ended it: then it starts from what is on the host.
  if (!(await areHealthy(host, names))) {
    await host.start(token, from.folder, names, { colour: from.colour });
    await untilHealthy(host, names, runningLimit, signal, { mayRecover: true });
  }
  report(`back to ${names.join(", ")}`);
  const itinerary = await switchTo(host, token, from);
  return { outcome: "done", evidence: { colour: from.colour, milliseconds: await confirmed(host, itinerary, from, confirmWithin) } };
}
