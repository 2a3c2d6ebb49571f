/**
 * The machine's way of steps, tried against a host that is only numbers: with a crash at every place where one can be,
 * with every step failing, and with another command run afterwards.
 */
import { otherColour, type Colour } from "@jlam/compose-dsl";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Outcome, Step } from "../journal/entry.ts";
import { after, idleColour, rollbackTarget, situationOf, type Noted, type Run, type Situation } from "./situation.ts";
import { givenUp, next, resumed, type End } from "./transition.ts";

/** A host: which colour the proxy leads to, which release runs in each colour, and the journal. */
interface World {
  readonly routed: Colour | undefined;
  readonly running: Readonly<Partial<Record<Colour, string>>>;
  readonly journal: readonly Noted[];
}

const empty: World = { routed: undefined, running: {}, journal: [] };

const serves = ({ routed, running }: World): string | undefined => (routed === undefined ? undefined : running[routed]);

const runOf = (world: World): Run => {
  const { run } = situationOf(world.journal);
  if (!run) throw new Error("nothing is under way");
  return run;
};

/** What a step does to the host; the same however often it is done. */
function effect(world: World, step: Step, { from, to }: Run): World {
  const { running } = world;
  switch (step) {
    case "start":
      return { ...world, running: { ...running, [to.colour]: to.release } };
    case "switch":
      return { ...world, routed: to.colour };
    case "switch-back":
      return from ? { ...world, routed: from.colour, running: { ...running, [from.colour]: from.release } } : world;
    case "finish":
      return { ...world, running: { [to.colour]: running[to.colour] } };
    case "revert":
      return { ...world, running: from ? { [from.colour]: running[from.colour] } : {} };
    default:
      return world;
  }
}

const noted = (run: Pick<Run, "id" | "action" | "to">, step: Step, outcome: Outcome): Noted => ({ run: run.id, action: run.action, step, outcome, release: run.to.release, evidence: { colour: run.to.colour, folder: run.to.folder } });

/** Where a crash happens: before the `number`th write to the journal or change of the host; never, where it is undefined. */
interface Trouble {
  readonly crashAt?: number;
  /** The steps that fail, each time they are done. */
  readonly fails?: readonly Step[];
}

class Crash extends Error {}

/** Runs what is under way. Every state in between is shown to `look`. */
function carryOut(start: World, trouble: Trouble, look: (world: World) => void, began: (run: Run) => Run = resumed): { readonly world: World; readonly end: End | "crashed" } {
  let world = start;
  let moments = 0;
  const to = (changed: World): void => {
    moments += 1;
    if (moments === trouble.crashAt) throw new Crash();
    world = changed;
    look(world);
  };
  try {
    for (let run = began(runOf(world)); ; ) {
      const decision = next(run);
      if ("end" in decision) return { world, end: decision.end };
      const step = decision.do;
      to({ ...world, journal: [...world.journal, noted(run, step, "began")] });
      const fails = trouble.fails?.includes(step) === true;
      if (!fails) to(effect(world, step, runOf(world)));
      to({ ...world, journal: [...world.journal, noted(run, step, fails ? "failed" : "done")] });
      const { run: rest } = situationOf(world.journal);
      if (!rest) return { world, end: step === "revert" ? "reverted" : "finished" };
      run = rest;
    }
  } catch (error) {
    if (error instanceof Crash) return { world, end: "crashed" };
    throw error;
  }
}

let runs = 0;
function begin(world: World, action: Run["action"], release: string): World {
  const situation = situationOf(world.journal);
  const to = { release, folder: release, colour: idleColour(situation) };
  return { ...world, journal: [...world.journal, noted({ id: `run ${(runs += 1)}`, action, to }, "begin", "done")] };
}

const deploy = (world: World, release: string, trouble: Trouble = {}, look: (world: World) => void = () => undefined) => carryOut(begin(world, "deploy", release), trouble, look);

/** After a crash: the next command, first ending what is under way. */
function settle(world: World, goesOn: boolean): { readonly world: World; readonly end: End | "crashed" } {
  return situationOf(world.journal).run ? carryOut(world, {}, () => undefined, goesOn ? resumed : givenUp) : { world, end: "finished" };
}

const first = deploy(empty, "v1").world;
const second = deploy(first, "v2").world;

/** The journal, the proxy and what runs tell the same. */
function expectAgreement(world: World): void {
  const { serving, run } = situationOf(world.journal);
  expect(run).toBeUndefined();
  expect(serving?.colour).toBe(world.routed);
  expect(serving?.release).toBe(serves(world));
}

/** More moments than any undertaking has. */
const moments = Array.from({ length: 50 }, (_, index) => index + 1);

describe("a deploy", () => {
  test("ends with the new release served alone", () => {
    expect(second).toMatchObject({ routed: "green", running: { green: "v2" } });
    expect(Object.keys(second.running)).toEqual(["green"]);
    expectAgreement(second);
  });

  test("keeps what a rollback returns to in the journal", () => {
    expect(rollbackTarget(situationOf(second.journal))).toEqual({ release: "v1", folder: "v1" });
  });

  test.each([["a first", empty], ["a later", first]])("%s one is never without what served before, wherever it crashes", (_, start) => {
    const before = serves(start);
    for (const crashAt of moments) {
      deploy(start, "v9", { crashAt }, (world) => {
        if (before !== undefined) expect([before, "v9"]).toContain(serves(world));
      });
    }
  });

  test.each(moments)("that crashes at moment %i is finished by the same command", (crashAt) => {
    const crashed = deploy(first, "v2", { crashAt });
    const { world, end } = settle(crashed.world, true);
    expect(end).toBe("finished");
    expectAgreement(world);
    expect(serves(world)).toBe(situationOf(crashed.world.journal).run || crashed.end === "finished" ? "v2" : "v1");
  });

  test.each(moments)("that crashes at moment %i is taken back, or was over, when something else is deployed", (crashAt) => {
    const crashed = deploy(first, "v2", { crashAt });
    const { world } = settle(crashed.world, false);
    expectAgreement(world);
    const { world: third, end } = deploy(world, "v3");
    expect(end).toBe("finished");
    expect(serves(third)).toBe("v3");
    expectAgreement(third);
  });

  test("that crashes, and whose resumption crashes too, still ends", () => {
    for (const crashAt of moments) {
      for (const again of moments.slice(0, 12)) {
        const crashed = deploy(first, "v2", { crashAt }).world;
        if (!situationOf(crashed.journal).run) continue;
        const twice = carryOut(crashed, { crashAt: again }, (world) => expect(["v1", "v2"]).toContain(serves(world)), again % 2 === 0 ? resumed : givenUp).world;
        const { world } = settle(twice, true);
        expectAgreement(world);
      }
    }
  });

  test.each(["preflight", "upload", "pull", "set", "services", "migrate", "start", "healthy", "smoke", "switch", "confirm", "drain", "watch"] as const)("whose step %s fails leaves the old release serving", (fails) => {
    const { world, end } = deploy(first, "bad", { fails: [fails] }, (state) => expect(["v1", "bad"]).toContain(serves(state)));
    expect(end).toBe("reverted");
    expect(serves(world)).toBe("v1");
    expect(Object.keys(world.running)).toEqual(["blue"]);
    expectAgreement(world);
  });

  test("that failed is nothing that a rollback returns to", () => {
    const { world } = deploy(second, "bad", { fails: ["watch"] });
    expect(rollbackTarget(situationOf(world.journal))).toEqual({ release: "v1", folder: "v1" });
  });

  test("on an empty host that fails after the switch waits for a person: there is nothing better", () => {
    const { world, end } = deploy(empty, "v1", { fails: ["confirm"] });
    expect(end).toBe("held");
    expect(serves(world)).toBe("v1");
  });

  test("whose way back fails waits for a person, and the next command tries the way back again", () => {
    const held = deploy(first, "bad", { fails: ["watch", "switch-back"] });
    expect(held.end).toBe("held");
    const { world, end } = settle(held.world, false);
    expect(end).toBe("reverted");
    expect(serves(world)).toBe("v1");
    expectAgreement(world);
  });
});

describe("a rollback", () => {
  const back = (world: World, trouble: Trouble = {}) => carryOut(begin(world, "rollback", rollbackTarget(situationOf(world.journal))?.release ?? ""), trouble, () => undefined);

  test("ends with the old release served, and can't be undone by another rollback to what disappointed", () => {
    const { world, end } = back(second);
    expect(end).toBe("finished");
    expect(serves(world)).toBe("v1");
    expectAgreement(world);
    expect(rollbackTarget(situationOf(world.journal))).toBeUndefined();
  });

  test.each(moments)("that crashes at moment %i is finished by the same command", (crashAt) => {
    const { world } = settle(back(second, { crashAt }).world, true);
    expect(serves(world)).toBe("v1");
    expectAgreement(world);
  });

  test("to what doesn't start any more leaves what serves", () => {
    const { world, end } = back(second, { fails: ["healthy"] });
    expect(end).toBe("reverted");
    expect(serves(world)).toBe("v2");
    expectAgreement(world);
  });
});

describe("next", () => {
  const run = (action: Run["action"], step: Step, outcome: Outcome, switched = false) => next({ action, step, outcome, switched, from: { release: "v1", folder: "v1", colour: "blue" } });

  test("does again what began and of which no more is known", () => {
    expect(run("deploy", "migrate", "began")).toEqual({ do: "migrate" });
  });

  test("waits where a step is held", () => {
    expect(run("deploy", "watch", "held", true)).toEqual({ end: "held" });
  });

  test("goes back by a switch only where there was one", () => {
    expect(run("deploy", "smoke", "failed")).toEqual({ do: "revert" });
    expect(run("deploy", "watch", "failed", true)).toEqual({ do: "switch-back" });
  });

  test("ends where nothing better is known than a person's look", () => {
    for (const step of ["switch-back", "revert", "finish"] as const) expect(run("deploy", step, "failed", true)).toEqual({ end: "held" });
  });
});

/** JLAM_FULL=1 looks twenty times as long. */
const numRuns = process.env["JLAM_FULL"] === "1" ? 4000 : 200;

describe("any row of commands, with crashes and failures anywhere", () => {
  const steps: readonly Step[] = ["preflight", "upload", "set", "services", "migrate", "healthy", "smoke", "confirm", "watch", "switch-back", "revert"];
  const command = fc.record({ rollsBack: fc.boolean(), crashAt: fc.option(fc.integer({ min: 1, max: 45 }), { nil: undefined }), fails: fc.subarray([...steps], { maxLength: 3 }) });

  test("always leaves something that was released serving, and ends in agreement once a command gets through", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 8 }), (commands) => {
        let world = first;
        const released = new Set(["v1"]);
        for (const [index, { rollsBack, crashAt, fails }] of commands.entries()) {
          const settled = settle(world, false).world;
          const target = rollbackTarget(situationOf(settled.journal));
          const release = rollsBack && target ? target.release : `w${index}`;
          released.add(release);
          const begun = situationOf(settled.journal).run ? settled : begin(settled, rollsBack && target ? "rollback" : "deploy", release);
          world = carryOut(begun, { fails, ...(crashAt !== undefined && { crashAt }) }, (state) => expect(released).toContain(serves(state))).world;
        }
        for (let tries = 0; situationOf(world.journal).run; tries += 1) {
          expect(tries).toBeLessThan(3);
          ({ world } = settle(world, false));
        }
        expectAgreement(world);
      }),
      { numRuns },
    );
  });
});

test("entries of the hourly smoke run change nothing", () => {
  const situation: Situation = situationOf(second.journal);
  expect(after(situation, { run: "x", action: "smoke", step: "smoke", outcome: "failed", release: "v2", evidence: {} })).toBe(situation);
});

test("a colour is idle when the other one serves", () => {
  expect(idleColour(situationOf(second.journal))).toBe(otherColour("green"));
});
