/** The ledger: which alerts were provoked, and how long each took to arrive and to be over. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Platform } from "./platform.ts";

/** An alert that must arrive. */
export interface Expected {
  readonly alert: string;
  /** The label `service` that it must have, where several could fire. */
  readonly service?: string;
  /** Seconds in which it must arrive. */
  readonly within: number;
  /** Seconds in which it must be over; undefined where that takes longer than a test should, and for what never is. */
  readonly overWithin?: number;
}

/** A fault, the alerts that must tell of it, and its end. */
export interface Provocation {
  readonly how: string;
  /** Services, and what else, without which it can't be tried. */
  readonly needs?: readonly string[];
  readonly expected: readonly Expected[];
  readonly provoke: (platform: Platform) => Promise<void>;
  /** Undefined where the fault is over once it was made. */
  readonly relieve?: (platform: Platform) => Promise<void>;
}

export interface Entry {
  readonly alert: string;
  readonly how: string;
  /** Seconds from the fault to the webhook. */
  readonly fired: number | undefined;
  /** Seconds from the end of the fault to the message that it is over. */
  readonly over: number | undefined;
  readonly failure: string | undefined;
}

const toldSchema = z.array(z.object({ at: z.number(), status: z.enum(["firing", "resolved"]), labels: z.record(z.string(), z.string()) }));

async function arrival(platform: Pick<Platform, "inbox">, { alert, service }: Expected, status: "firing" | "resolved", after: number, within: number): Promise<number | undefined> {
  for (const end = Date.now() + within * 1000; Date.now() < end; await sleep(1000)) {
    const answer = await fetch(`${platform.inbox}/told`).catch(() => undefined);
    const told = answer === undefined ? [] : toldSchema.parse(await answer.json());
    const found = told.find(({ at, status: of, labels }) => at >= after && of === status && labels["alertname"] === alert && (service === undefined || labels["service"] === service));
    if (found) return (found.at - after) / 1000;
  }
  return undefined;
}

/** Makes a fault, sees its alerts arrive, ends it, and sees that told too. Never throws: what went wrong is in the entries. */
async function prove(platform: Platform, { how, expected, provoke, relieve }: Provocation): Promise<readonly Entry[]> {
  const entry = ({ alert }: Expected) => ({ alert, how, fired: undefined, over: undefined, failure: undefined });
  try {
    const began = Date.now();
    await provoke(platform);
    const made = Date.now();
    const fired = await Promise.all(expected.map(async (one) => await arrival(platform, one, "firing", began, one.within)));
    const ended = relieve === undefined ? made : Date.now();
    await relieve?.(platform);
    return await Promise.all(
      expected.map(async (one, index): Promise<Entry> => {
        const { within, overWithin } = one;
        const arrived = fired[index];
        if (arrived === undefined) return { ...entry(one), failure: `it did not arrive within ${within} s` };
        if (overWithin === undefined) return { ...entry(one), fired: arrived };
        const over = await arrival(platform, one, "resolved", ended, overWithin);
        return { ...entry(one), fired: arrived, over, failure: over === undefined ? `nobody was told within ${overWithin} s that it is over` : undefined };
      }),
    );
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return expected.map((one) => ({ ...entry(one), failure }));
  }
}

/** One after the other, where each would disturb the next; `note` hears of each as soon as it is through. */
export async function proveInTurn(platform: Platform, provocations: readonly Provocation[], note: (entries: readonly Entry[]) => void): Promise<void> {
  for (const provocation of provocations) note(await prove(platform, provocation));
}

const entriesSchema = z.array(z.object({ alert: z.string(), how: z.string(), fired: z.number().optional(), over: z.number().optional(), failure: z.string().optional() }));

/** With what earlier pieces found, which a later one replaces; kept in `file` for the next. */
export function remembered(file: string, entries: readonly Entry[]): readonly Entry[] {
  const before = existsSync(file) ? entriesSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : [];
  const now = new Set(entries.map(({ alert }) => alert));
  const all: readonly Entry[] = [...before.filter(({ alert }) => !now.has(alert)).map(({ alert, how, fired, over, failure }) => ({ alert, how, fired, over, failure })), ...entries];
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  return all;
}

const seconds = (value: number | undefined): string => (value === undefined ? "" : `${Math.round(value)} s`);

/** The ledger as a table in Markdown. */
export function ledgerTable(entries: readonly Entry[], unproven: readonly { readonly alert: string; readonly because: string }[]): string {
  return [
    "| Alert | Fault | Arrived after | Over after | |",
    "|---|---|---|---|---|",
    ...[...entries].sort((a, b) => (a.alert < b.alert ? -1 : 1)).map(({ alert, how, fired, over, failure }) => `| ${alert} | ${how} | ${seconds(fired)} | ${seconds(over)} | ${failure === undefined ? "proven" : `failed: ${failure}`} |`),
    ...unproven.map(({ alert, because }) => `| ${alert} | | | | unproven: ${because} |`),
  ].join("\n");
}
