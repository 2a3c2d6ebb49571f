/** A recovery set before data is touched: what a way back rests on where the old program can't read what the new one made. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { HostFailure, type Host } from "../host/host.ts";
import type { Itinerary } from "./itinerary.ts";
import { itineraryIn } from "./on-host.ts";
import type { StepResult, Work } from "./steps.ts";

/** Longest that a set may take, in milliseconds: 100 GB at 30 MB a second, which is much for one host. */
const setLimit = 3_600_000;
/** Between two tries while another set is being made, in milliseconds. */
const pause = 2000;

/** Of a host, what making a set needs. */
export type SetHost = Pick<Host, "read" | "copies" | "runIn">;

/**
 * Has the environment's own program make a set, as the itinerary names it, and notes its id. The program is that of the
 * release that serves, since nothing was started anew yet. Where nobody knows whether data is touched, it is made.
 */
export async function set({ host, token, run: { from, to }, report, signal }: Pick<Work, "token" | "run" | "report" | "signal"> & { readonly host: SetHost }): Promise<StepResult> {
  if (from === undefined) return without("nothing served here before");
  const [coming, serving] = await Promise.all([itineraryIn(host, to.folder), itineraryIn(host, from.folder)]);
  const maker = serving.sets ?? coming.sets;
  if (maker === null) return without("nothing in this environment makes sets");
  if (serving.sets === null && !(await host.copies()).some(({ name }) => name === maker.service)) return without(`${maker.service}, which makes sets, comes with this release`);
  if (coming.setBecause?.length === 0) return without("no data is touched that a set holds");
  const because = coming.setBecause?.join("; ") ?? "no plan says which data is touched";
  report(because);
  try {
    const id = await made(host, token, maker, report, signal);
    report(`the set ${id}`);
    return { outcome: "done", evidence: { set: id, because } };
  } catch (error) {
    if (!(error instanceof HostFailure) || error.cause_ === "unreachable") throw error;
    return { outcome: "failed", why: `No recovery set could be made, and data would be touched (${because}). ${inWords(error.message)}` };
  }
}

const without = (why: string): StepResult => ({ outcome: "done", evidence: { "no set": why } });

/** The id of a set that is made now, once no other is being made. @throws HostFailure where there is none afterwards */
async function made(host: SetHost, token: number, { service, command }: NonNullable<Itinerary["sets"]>, report: Work["report"], signal: AbortSignal): Promise<string> {
  const end = performance.now() + setLimit;
  for (;;) {
    try {
      // A program is given whole milliseconds, and 0 would be no limit at all.
      const id = committedIn(await host.runIn(token, service, command, { timeout: Math.max(1, Math.floor(end - performance.now())) }));
      if (id === undefined) throw new HostFailure(`${service} ended well and named no set.`, "refused");
      return id;
    } catch (error) {
      if (!(error instanceof HostFailure) || error.cause_ !== "busy" || performance.now() + pause > end) throw error;
    }
    report("another set is being made; waits for it");
    await sleep(pause, undefined, { signal });
  }
}

const committed = z.object({ step: z.literal("committed"), id: z.string().min(1) });
const failed = z.object({ message: z.string(), fix: z.string() });

const committedIn = (text: string): string | undefined => documents(text).map((line) => committed.safeParse(line).data?.id).findLast((id) => id !== undefined);

/** The words of a program that fails in JSON, and of any other. */
const inWords = (text: string): string => documents(text).flatMap((line) => failed.safeParse(line).data ?? []).map(({ message, fix }) => `${message} ${fix}`.trim()).at(-1) ?? text;

/** The lines of a text that are JSON. */
const documents = (text: string): readonly unknown[] =>
  text.split("\n").flatMap((line): readonly unknown[] => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
