import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { HostFailure, type Host } from "../host/host.ts";
import { emptyHead } from "../journal/journal.ts";
import { entryFacts, sampleRelease } from "../sample.fixture.ts";
import { carryOut, type Means, type Undertaking } from "./carry-out.ts";
import type { HostJournal } from "./host-journal.ts";
import { deployRun, itinerary, memoryHost, workOn } from "./host.fixture.ts";

const cut = new HostFailure("the connection was cut", "unreachable");
/** A rollback to `old` that is cut off where it starts the old colour. */
const undertaking: Undertaking = { ...entryFacts(sampleRelease(1)), action: "rollback" };
const nobody = { began: () => undefined, at: () => undefined, ended: () => undefined };

/** Carries it out on a host whose journal is slow, and tells in which order things happened. */
async function eventsOf(write: (step: string) => Promise<void>): Promise<{ readonly events: readonly string[]; readonly error: unknown }> {
  const events: string[] = [];
  const { host: quiet } = memoryHost({ itineraries: { old: itinerary() }, running: [] });
  const host: Host = {
    ...quiet,
    facts: async () => {
      events.push("looked");
      return await quiet.facts();
    },
    start: async () => {
      events.push("started");
      throw cut;
    },
  };
  const journal: HostJournal = {
    entries: () => [],
    head: () => emptyHead("staging"),
    write: async (facts) => {
      const step = facts.at(-1)?.step ?? "";
      await write(step);
      events.push(`wrote ${step}`);
    },
  };
  const { situation: _, run: __, report: ___, ...means } = workOn(host, deployRun);
  const first = [{ step: "begin", outcome: "done", evidence: { colour: "blue", folder: "old" } }] as const;
  const error = await carryOut(journal, undertaking, means satisfies Means, nobody, { first }).then(() => undefined, (reason: unknown) => reason);
  return { events, error };
}

test("a step that only looks does so while its beginning is being written; one that changes something waits for that", async () => {
  expect(await eventsOf(() => sleep(30))).toEqual({ events: ["looked", "wrote preflight", "wrote start", "started"], error: cut });
});

test("what can't be written is what it ends with, once nothing is on its way any more", async () => {
  const full = new HostFailure("the disk is full", "disk-full");
  expect(await eventsOf(() => Promise.reject(full))).toEqual({ events: ["looked"], error: full });
});
