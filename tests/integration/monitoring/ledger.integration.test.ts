/**
 * Alerts that were seen to fire: each fault is made on the real stack, its alert arrives at a webhook through the real
 * Alertmanager, and so does the message that it is over. Nothing differs from what is emitted, so that waits are real:
 * the two that must page within 90 s run always, the others with `--full`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { definitions } from "@jlam/monitoring/alerts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { say } from "../../../tools/jlam/src/terminal/output.ts";
import { until } from "../stack/until.ts";
import { ledgerTable, prove, proveInTurn, type Entry, type Provocation } from "./ledger.ts";
import { bootPlatform, removePlatform, type Platform } from "./platform.ts";
import { last, long, quick } from "./provocations.ts";

const isFull = process.env["JLAM_FULL"] === "1";
const artefacts = join(repositoryRoot, ".jlam", "artifacts");

describe("the ledger of alerts", () => {
  let platform: Platform;
  const entries: Entry[] = [];
  const possible = ({ needs }: Provocation): boolean => needs === undefined || !platform.absent.has(needs);
  const proveAll = async (sequences: readonly (readonly Provocation[])[]): Promise<readonly Entry[]> => {
    const found = (await Promise.all(sequences.map(async (sequence) => await proveInTurn(platform, sequence.filter(possible))))).flat();
    entries.push(...found);
    return found;
  };

  beforeAll(async () => {
    platform = await bootPlatform();
    const address = await platform.address("prometheus");
    // Nothing may be learnt from a platform that is ill before anybody harmed it.
    await until(async () => await (await fetch(`${address}:9090/api/v1/query?query=count(probe_success{job="probe-public",service="victim"}==1)`)).text(), (answer) => answer.includes('"1"'), 90_000);
  });

  afterAll(async () => {
    mkdirSync(artefacts, { recursive: true });
    const proven = new Set(entries.map(({ alert }) => alert));
    const unproven = definitions.filter(({ name }) => !proven.has(name)).map(({ name, provoke }) => ({ alert: name, because: reasonFor(provoke) }));
    const table = ledgerTable(entries, unproven);
    writeFileSync(join(artefacts, "alerts.md"), `${table}\n`);
    say(table);
    await removePlatform();
  });

  const reasonFor = (provoke: (typeof definitions)[number]["provoke"]): string => {
    if (provoke.how === "unproven") return provoke.because;
    return isFull ? "no test provokes it here yet, or what it needs is not here; the unit test proves the rule" : "runs with --full alone";
  };

  it("hears the dead-man's switch", async () => {
    const inbox = await platform.address("inbox");
    const { took } = await until(async () => await (await fetch(`${inbox}:3001/told`)).text(), (told) => told.includes("DeadMansSwitch"), 90_000);
    entries.push({ alert: "DeadMansSwitch", how: "none: it always fires", fired: took / 1000, over: undefined, failure: undefined });
  });

  it("has a site that is down and a database that can't be reached page within 90 s of the fault", { timeout: 300_000 }, async () => {
    const found = await proveAll(quick);
    expect(found.filter(({ failure }) => failure !== undefined)).toEqual([]);
    expect(found.map(({ fired = Infinity }) => fired < 90)).toEqual(found.map(() => true));
  });

  it.runIf(isFull)("has every other alert that can be provoked here arrive, and its end too", { timeout: 40 * 60_000 }, async () => {
    const found = [...(await proveAll(long)), ...(await prove(platform, last))];
    entries.push(...found.slice(-last.expected.length));
    expect(found.filter(({ failure }) => failure !== undefined)).toEqual([]);
    expect(new Set(entries.map(({ alert }) => alert)).size).toBeGreaterThanOrEqual(20);
  });
});
