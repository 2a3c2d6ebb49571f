/**
 * Alerts that were seen to fire: each fault is made on the real stack, its alert arrives at a webhook through the real
 * Alertmanager, and so does the message that it is over. Nothing differs from what is emitted, so that waits are real:
 * the two that must page within 90 s run always, the others with `--full`.
 *
 * In pieces: JLAM_LEDGER is a regular expression, and of the faults only those with such an alert are made;
 * JLAM_LEDGER_KEEP=1 leaves the environment up for the next piece, and what was proven stays in the table.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { definitions } from "@jlam/monitoring/alerts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { say } from "../../../tools/jlam/src/terminal/output.ts";
import { until } from "../stack/until.ts";
import { ledgerTable, proveInTurn, remembered, type Entry, type Provocation } from "./ledger.ts";
import { bootPlatform, removePlatform, type Platform } from "./platform.ts";
import { last, long, longest, quick } from "./provocations/index.ts";

const isFull = process.env["JLAM_FULL"] === "1";
const chosen = process.env["JLAM_LEDGER"];
const keep = process.env["JLAM_LEDGER_KEEP"] === "1";
const artefacts = join(repositoryRoot, ".jlam", "artifacts");
const kept = join(artefacts, "alerts.json");

const isChosen = ({ expected }: Provocation): boolean => chosen === undefined || expected.some(({ alert }) => new RegExp(chosen).test(alert));
const only = (sequences: readonly (readonly Provocation[])[]): readonly (readonly Provocation[])[] => sequences.map((sequence) => sequence.filter(isChosen)).filter((sequence) => sequence.length > 0);

describe("what the definitions say of their proof", () => {
  const made = new Set([...quick, ...long, [last]].flat().flatMap(({ expected }) => expected.map(({ alert }) => alert)));

  it("is a fault for each alert that is provoked here, and a reason for each other", () => {
    expect(definitions.filter(({ provoke: { how } }) => how === "fault").map(({ name }) => name).sort()).toEqual([...made].sort());
  });
});

describe("the ledger of alerts", () => {
  let platform: Platform;
  const entries: Entry[] = [];
  const possible = ({ needs = [] }: Provocation): boolean => needs.every((need) => !platform.absent.has(need));
  const proveAll = async (sequences: readonly (readonly Provocation[])[]): Promise<readonly Entry[]> => {
    const found: Entry[] = [];
    const note = (some: readonly Entry[]): void => {
      found.push(...some);
      entries.push(...some);
      if (keep) remembered(kept, entries);
    };
    await Promise.all(sequences.map(async (sequence) => await proveInTurn(platform, sequence.filter(possible), note)));
    return found;
  };

  beforeAll(async () => {
    mkdirSync(artefacts, { recursive: true });
    platform = await bootPlatform({ keep });
    const address = await platform.address("prometheus");
    // Nothing may be learnt from a platform that is ill before anybody harmed it.
    await until(async () => await (await fetch(`${address}:9090/api/v1/query?query=count(probe_success{job="probe-public",service="victim"}==1)`)).text(), (answer) => answer.includes('"1"'), 90_000);
  });

  afterAll(async () => {
    const all = keep ? remembered(kept, entries) : entries;
    const proven = new Set(all.map(({ alert }) => alert));
    const unproven = definitions.filter(({ name }) => !proven.has(name)).map(({ name, provoke }) => ({ alert: name, because: reasonFor(name, provoke) }));
    const table = ledgerTable(all, unproven);
    writeFileSync(join(artefacts, "alerts.md"), `${table}\n`);
    say(table);
    if (!keep) await removePlatform();
  });

  const reasonFor = (name: string, provoke: (typeof definitions)[number]["provoke"]): string => {
    if (provoke.how === "unproven") return `${provoke.because}; the unit test proves the rule`;
    const needs = [...long, [last]].flat().find(({ expected }) => expected.some(({ alert }) => alert === name))?.needs ?? [];
    const missing = needs.flatMap((need) => platform.absent.get(need) ?? []);
    return missing.length > 0 ? missing.join("; ") : isFull ? "not among those that were chosen for this run" : "runs with --full alone";
  };

  it("hears the dead-man's switch", async () => {
    const { took } = await until(async () => await (await fetch(`${platform.inbox}/told`)).text(), (told) => told.includes("DeadMansSwitch"), 90_000);
    entries.push({ alert: "DeadMansSwitch", how: "none: it always fires", fired: took / 1000, over: undefined, failure: undefined });
  });

  it.runIf(only(quick).length > 0)("has a site that is down and a database that can't be reached page within 90 s of the fault", { timeout: 300_000 }, async () => {
    const found = await proveAll(only(quick));
    expect(found.filter(({ failure }) => failure !== undefined)).toEqual([]);
    expect(found.map(({ fired = Infinity }) => fired < 90)).toEqual(found.map(() => true));
  });

  it.runIf(isFull)("has every other alert that can be provoked here arrive, and its end too", { timeout: longest * 1000 }, async () => {
    const found = [...(await proveAll(only(long))), ...(await proveAll(only([[last]])))];
    expect(found.filter(({ failure }) => failure !== undefined)).toEqual([]);
    if (chosen === undefined) expect(new Set(entries.map(({ alert }) => alert)).size).toBeGreaterThanOrEqual(20);
  });
});
