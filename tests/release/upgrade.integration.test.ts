/**
 * docs/upgrading.md on a host that the test makes: a real PostgreSQL of ours goes from one minor version to the next and
 * back by `jlam deploy` and `jlam rollback`, after a recovery set that the environment's own engine makes in a real store;
 * the deploy stops where that set can't be made; and a program that only goes forward isn't taken back.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostMissing } from "./bed/host.ts";
import type { Said } from "./bed/repository.ts";
import { environmentName, journalOn, makeUpgradeMachine, type UpgradeMachine } from "./upgrade/machine.ts";
import { startVisits, type Visits } from "./upgrade/visitors.ts";

const why = process.env["JLAM_FULL"] === "1" ? hostMissing : "runs with --full";
/** Where the figures go, for docs/evidence; nowhere unless somebody asks. */
const tablePath = process.env["JLAM_UPGRADE_TABLE"];

/** A watch window that a test can wait for, with the traffic that it wants. */
const watched = ["--watch", "4s", "--minimum", "10"] as const;
const accepted = ["--accept", "stateful-recreate:postgres-app"] as const;
/** Rows of the database: enough that a set takes longer than a moment. */
const rows = 20_000;
const store = `jlam-${environmentName}-object-store-backups-1`;
/** What the engine calls a set. */
const setId = /\d{4}-\d{2}-\d{2}T[\d-]+Z/;

describe.skipIf(why !== undefined)(`an upgrade on a host${why === undefined ? "" : ` (${why})`}`, { timeout: 600_000 }, () => {
  let machine: UpgradeMachine;
  let older: string;
  let newer: string;
  /** Releases with the older PostgreSQL, and with the newer one. */
  let ids: { readonly first: string; readonly second: string };
  let before: string;
  /** Rows of the table that somebody may ask for. */
  const figures: string[] = [];

  const deploy = (...more: readonly string[]): Promise<Said> => machine.jlamThere("deploy", environmentName, ...more, ...watched);
  const rollback = (...more: readonly string[]): Promise<Said> => machine.jlamThere("rollback", environmentName, ...more);
  /** Where the environment's containers run. @throws Error with what it said where it fails */
  const onHost = async (...args: readonly string[]): Promise<Said> => {
    const [program, ...given] = machine.repository.program("bram", args);
    const began = performance.now();
    const stdout = await machine.host.run(program, given, { timeout: 300_000 });
    return { exitCode: 0, stdout, stderr: "", took: performance.now() - began };
  };
  const site = async (): Promise<string> => (await machine.visit()).body;
  /** The container of the database: another id, or another start, and it was touched. */
  const container = (): Promise<string> => machine.host.run("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}} {{.RestartCount}}", `jlam-${environmentName}-postgres-app-1`]);
  /** Works while somebody visits; `what` is what the figures call it. */
  const visited = async (what: string, work: () => Promise<Said>): Promise<{ readonly said: Said; readonly visits: Visits }> => {
    const stop = startVisits(machine.visit);
    try {
      const said = await work();
      const visits = await stop();
      figures.push(`| ${what} | ${said.exitCode} | ${(said.took / 1000).toFixed(1)} s | ${visits.requests} | ${Object.values(visits.failures).reduce((sum, count) => sum + count, 0)} | ${(visits.away / 1000).toFixed(1)} s |`);
      return { said, visits };
    } finally {
      await stop();
    }
  };

  beforeAll(async () => {
    machine = await makeUpgradeMachine();
    ({ older, newer } = machine.postgres);
    const first = await machine.build({ postgres: older, keeper: "2026.1" });
    expect(await deploy(first)).toMatchObject({ exitCode: 0 });
    await machine.sql(`CREATE TABLE notes (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, words text NOT NULL); INSERT INTO notes (words) SELECT repeat(md5(n::text), 8) FROM generate_series(1, ${rows}) AS n`);
    // "Once, where the environment's containers run": what every set needs beside the data.
    await onHost("backup", "run", "-e", environmentName);
    before = await site();
    ids = { first, second: await machine.build({ postgres: newer, keeper: "2026.1" }) };
  });

  afterAll(async () => {
    await machine.remove();
    if (tablePath === undefined) return;
    mkdirSync(dirname(tablePath), { recursive: true });
    writeFileSync(tablePath, ["| command | exit code | took | visits | without an answer | database away for them |", "|---|---|---|---|---|---|", ...figures, ""].join("\n"));
  });

  test("before it, the older PostgreSQL answers with all rows", () => {
    expect(before).toMatch(new RegExp(`^${older.replace(".", "\\.")} ${rows} [0-9a-f]{32}$`));
  });

  describe("the plan", () => {
    let plan: Said;
    let unaccepted: Said;
    let untouched: readonly [string, string];

    beforeAll(async () => {
      const was = await container();
      plan = await deploy(ids.second, "--plan");
      unaccepted = await deploy(ids.second);
      untouched = [was, await container()];
    });

    test("says the set first and what for, which versions follow each other, and who waits", () => {
      const lines = plan.stdout.split("\n");
      expect(lines.find((line) => line.startsWith("1. "))).toBe("1. make recovery set (risk none; nobody waits)");
      expect(plan.stdout).toContain(`PostgreSQL ${older} → ${newer}, in place`);
      expect(plan.stdout).toMatch(/recreate postgres-app \(risk high; away for at most about [^)]+\)\n(.+\n)*? {3}touches https:\/\/bed\.test/);
    });

    test("is blocked until the database is accepted by name, and nothing is touched", () => {
      expect([plan.exitCode, unaccepted.exitCode]).toEqual([3, 3]);
      expect(unaccepted.stderr).toContain("--accept stateful-recreate:postgres-app");
      expect(untouched[1]).toBe(untouched[0]);
    });
  });

  describe("while the store of the sets is down", () => {
    let stopped: { readonly said: Said; readonly visits: Visits };
    let containers: readonly [string, string];

    beforeAll(async () => {
      const was = await container();
      await machine.host.run("docker", ["stop", store]);
      stopped = await visited("`jlam deploy` while the store of the sets is down", () => deploy(ids.second, ...accepted));
      containers = [was, await container()];
      await machine.host.run("sh", ["-c", `docker start ${store}; until [ "$(docker inspect --format '{{.State.Health.Status}}' ${store})" = healthy ]; do sleep 0.5; done`]);
    });

    test("the deploy is taken back, and says that no set could be made and why", () => {
      expect(stopped.said).toMatchObject({ exitCode: 5, stdout: expect.stringMatching(new RegExp(`was taken back; ${ids.first.slice(0, 12)}\\S* serves`)) });
      expect(stopped.said.stdout).toMatch(/Because of set: No recovery set could be made, and data would be touched \(.*PostgreSQL .* in place\)\. \S+/);
    });

    test("the database isn't touched: its container is the same, started as long ago, and no visitor notices", () => {
      expect(containers[1]).toBe(containers[0]);
      expect(stopped.visits.failures).toEqual({});
      expect(stopped.visits.bodies).toEqual([before]);
    });

    test("its journal ends at the set", async () => {
      const entries = await journalOn(machine.host);
      const run = entries.at(-1)?.run;
      const steps = entries.filter((entry) => entry.run === run).map(({ step, outcome }) => `${step} ${outcome}`);
      expect(steps).toContain("set failed");
      expect(steps.filter((step) => step.startsWith("services"))).toEqual([]);
    });
  });

  describe("accepted by name", () => {
    let upgraded: { readonly said: Said; readonly visits: Visits };
    let set: string;
    let back: { readonly said: Said; readonly visits: Visits };
    let after: string;
    let version: string;
    let verified: string;
    let silences: unknown;

    beforeAll(async () => {
      upgraded = await visited(`\`jlam deploy\`, PostgreSQL ${older} → ${newer}`, () => deploy(ids.second, ...accepted));
      set = String((await journalOn(machine.host)).findLast(({ step, outcome }) => step === "set" && outcome === "done")?.evidence["set"]);
      after = await site();
      version = await machine.sql("SHOW server_version");
      verified = await machine.inside("backup", "node", "/app/backup.js", "verify", set, "--json");
      silences = JSON.parse(await machine.inside("alertmanager", "wget", "-q", "-O", "-", "http://127.0.0.1:9093/api/v2/silences"));
      await machine.sql(`INSERT INTO notes (words) VALUES ('written by ${newer}')`);
      back = await visited(`\`jlam rollback\`, PostgreSQL ${newer} → ${older}`, () => rollback());
    });

    test("it is carried out", () => {
      expect(upgraded.said).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(ids.second.slice(0, 12)) });
    });

    test("the set is made first; its id is printed, and in the journal with what it is for", async () => {
      expect(set).toMatch(setId);
      expect(upgraded.said.stderr).toContain(`the set ${set}`);
      const entries = await journalOn(machine.host);
      const made = entries.find(({ evidence }) => evidence["set"] === set);
      expect(made?.evidence["because"]).toContain(`PostgreSQL ${older} → ${newer}, in place`);
      const steps = entries.filter(({ run, outcome }) => run === made?.run && outcome === "done").map(({ step }) => step);
      expect(steps.indexOf("set")).toBeLessThan(steps.indexOf("services"));
    });

    test("its manifest is in the store, and the store holds what it names", () => {
      expect(JSON.parse(verified)).toEqual({ id: set, verified: "stored" });
    });

    test("afterwards the newer PostgreSQL has every row as it was", () => {
      expect(version.split(" ")[0]).toBe(newer);
      expect(after).toBe(before.replace(older, newer));
    });

    test("those who need the database wait as the plan says, and nobody gets anything but an answer or 503", () => {
      expect(Object.keys(upgraded.visits.failures).filter((failure) => failure !== "status 503")).toEqual([]);
      expect(upgraded.visits.bodies).toEqual([before, after]);
    });

    test("the environment's own Alertmanager heard of it, and that visitors wait", () => {
      expect(silences).toEqual(expect.arrayContaining([expect.objectContaining({ comment: expect.stringContaining(`deploy ${ids.second.slice(0, 12)}`), createdBy: "bram@example.nl", matchers: expect.arrayContaining([expect.objectContaining({ name: "service", value: expect.stringMatching(/(^|\|)postgres-app(\||$)/) }), expect.objectContaining({ name: "alertname", value: expect.stringContaining("DatabaseUnreachable") })]) })]));
    });

    test("`jlam rollback` returns to the older one, in place, and what was written meanwhile is kept", async () => {
      expect(back.said).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(ids.first.slice(0, 12)) });
      expect(await machine.sql("SELECT split_part(current_setting('server_version'), ' ', 1) || ' ' || count(*) FROM notes")).toBe(`${older} ${rows + 1}`);
      expect(await machine.sql("SELECT words FROM notes ORDER BY number DESC LIMIT 1")).toBe(`written by ${newer}`);
    });
  });

  describe("a program that only goes forward", () => {
    let third: string;
    let forward: Said;
    let set: string;
    let refused: Said;
    let glass: Said;
    let restored: Said;
    let again: Said;
    const keptRelease = (): Promise<string> => machine.sql("SELECT release FROM keeper");
    const seen: string[] = [];

    beforeAll(async () => {
      third = await machine.build({ postgres: older, keeper: "2026.2" });
      forward = (await visited("`jlam deploy`, a program that only goes forward", () => deploy(third))).said;
      set = String((await journalOn(machine.host)).findLast(({ step, outcome }) => step === "set" && outcome === "done")?.evidence["set"]);
      seen.push(await keptRelease());
      refused = await rollback();
      seen.push(await keptRelease());
      glass = (await visited("`jlam rollback --break-glass` of it, which waits", () => rollback("--break-glass", "letters get lost"))).said;
      restored = (await visited("`jlam restore SET --database app`, on the host", () => onHost("restore", set, "--environment", environmentName, "--database", "app", "--no-set-first", "--yes"))).said;
      seen.push(await keptRelease());
      again = (await visited("`jlam rollback` again", () => rollback())).said;
    });

    test("goes on after a set was made for it", () => {
      expect(forward).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(third.slice(0, 12)), stderr: expect.stringContaining("Keeper 2026.1 → 2026.2, forward only: it changes its data for good") });
      expect(set).toMatch(setId);
      expect(forward.stderr).toContain(`the set ${set}`);
      expect(seen[0]).toBe("2026.2");
    });

    test("is not taken back by `jlam rollback`, which names the set and the command", () => {
      expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(`jlam restore ${set} --environment ${environmentName} --database app`) });
      expect(seen[1]).toBe("2026.2");
    });

    test("can't be started at the older release even by breaking the glass, which waits for a person and says why", () => {
      expect(glass).toMatchObject({ exitCode: 6, stdout: expect.stringContaining("the data is at 2026.2, which 2026.1 can't read") });
    });

    test("gets its data back from that set on the host, which starts the release that serves and lets visitors in again", async () => {
      expect(restored.stdout).toContain(`postgres-app of ${environmentName} is as it was at`);
      expect(seen[2]).toBe("2026.1");
      expect(await machine.sql("SELECT count(*) FROM notes")).toBe(String(rows + 1));
      expect((await machine.visit()).status).toBe(200);
    });

    test("is back at its older release once `jlam rollback` is given again", () => {
      expect(again, again.stderr).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(ids.first.slice(0, 12)) });
    });
  });
});
