/**
 * docs/releasing.md, step by step, by its own commands, on two hosts that the test makes: a release goes to staging, is
 * promoted, approved, deployed to production and rolled back, while visitors come to both. What isn't allowed is tried too.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostMissing, type TestHost } from "./bed/host.ts";
import { startLoad, type Load } from "./bed/load.ts";
import { reportOf, type LoadReport } from "./bed/report.ts";
import type { Person, Said } from "./bed/repository.ts";
import { findCanary } from "../../tools/jlam/src/secrets/canary/find-canary.ts";
import { writeVersion } from "./two-hosts/application.ts";
import { everywhere, watchProcesses, type ProcessWatch } from "./two-hosts/everywhere.ts";
import { environments, makeMachines, type EnvironmentName, type Machines } from "./two-hosts/machines.ts";

const why = process.env["JLAM_FULL"] === "1" ? hostMissing : "runs with --full";
/** Where the figures go, for docs/evidence; nowhere unless somebody asks. */
const tablePath = process.env["JLAM_TWO_HOSTS_TABLE"];

/** Seconds that staging must have served a release: longer than one command on a busy machine, so that it is seen to be missing. */
const soak = 45;
/** Requests per second on each host: what two busy cores bear beside two engines and the commands. */
const rate = 25;
/** A watch window that a test can wait for, with the traffic that it wants. */
const watched = ["--watch", "8s", "--minimum", "20"] as const;

describe.skipIf(why !== undefined)(`a release on two hosts${why === undefined ? "" : ` (${why})`}`, { timeout: 600_000 }, () => {
  const [canary, canary2] = [randomCanary(), randomCanary()];
  let machines: Machines;
  let processes: ProcessWatch;
  let first: string;
  /** When the newest release of staging will have served for its soak time. */
  let soaked = 0;

  const jlam = (who: Person, ...args: readonly string[]): Promise<Said> => machines.repository.jlam(who, args);
  const deploy = (environment: EnvironmentName, ...more: readonly string[]): Promise<Said> => jlam("bram", "deploy", environment, ...machines.reach(environment), ...watched, ...more);

  /** Pushes the images, makes the release and has its tests vouched for; returns its id. */
  async function build(version: number): Promise<string> {
    const { root, commit, pocket } = machines.repository;
    writeVersion(root, version);
    await commit("bram", `version ${version}`);
    const [digests, tests] = [join(pocket, "digests.json"), join(pocket, "tests.json")];
    writeFileSync(tests, JSON.stringify({ phases: [], total: { passed: 12, failed: 0, skipped: 0 } }));
    expect(await jlam("ci", "images", "push", "staging", "--output", digests)).toMatchObject({ exitCode: 0 });
    const built = await jlam("ci", "release", "build", "--digests", digests);
    expect(built).toMatchObject({ exitCode: 0 });
    expect(await jlam("ci", "release", "evidence", "tests", "--result", tests)).toMatchObject({ exitCode: 0 });
    return built.stdout.trim();
  }

  /** Sets the secret in both environments: typed into `jlam`, and never an argument. */
  async function setToken(value: string): Promise<void> {
    const set = await Promise.all(environments.map((environment) => machines.repository.jlam("bram", ["secrets", "set", environment, "app.TOKEN"], `${value}\n`)));
    expect(set).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
  }

  beforeAll(async () => {
    processes = watchProcesses([canary, canary2]);
    machines = await makeMachines({ soak });
    await setToken(canary);
    first = await build(1);
  });

  afterAll(async () => {
    processes.stop();
    await machines.remove();
  });

  describe("the first release, on empty hosts", () => {
    test("comes to staging by the same command as every other", async () => {
      expect(await deploy("staging", first)).toMatchObject({ exitCode: 0, stdout: `staging: ${first} serves, in blue.` });
      soaked = Date.now() + soak * 1000;
    });

    test("passes the smoke run, and is refused by production before its soak time is over, whichever command asks", async () => {
      const tooShort = { exitCode: 3, stderr: expect.stringMatching(/was healthy in staging for .*, not for 45 s/) };
      const asked = [jlam("bram", "promote", "staging", "production"), deploy("production", first), deploy("production")];
      const smoke = jlam("ci", "smoke", "staging", "--at", machines.hosts.staging.address, "--record");
      expect(await Promise.all(asked)).toMatchObject([tooShort, tooShort, { exitCode: 1, stderr: expect.stringContaining("No release was promoted to production") }]);
      expect(await smoke).toMatchObject({ exitCode: 0 });
    });

    test("is promoted when its soak time is over", async () => {
      await sleep(Math.max(0, soaked - Date.now()));
      expect(await jlam("bram", "promote", "staging", "production")).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(`Release ${first} is promoted to production`) });
    });

    test("isn't deployed before somebody approved it, and its author is nobody", async () => {
      expect(await Promise.all([jlam("bram", "approve", "production", "--yes"), deploy("production")])).toMatchObject([
        { exitCode: 3, stderr: expect.stringContaining("its approver wrote part of the release") },
        { exitCode: 3, stderr: expect.stringContaining("approval") },
      ]);
    });

    test("comes to production once somebody else approved it", async () => {
      expect(await jlam("anna", "approve", "production", "--yes")).toMatchObject({ exitCode: 0 });
      expect(await deploy("production")).toMatchObject({ exitCode: 0, stdout: `production: ${first} serves, in blue.` });
      expect(await serving(machines.hosts.production)).toEqual(await serving(machines.hosts.staging));
    });
  });

  describe("the second release, while visitors come to both", () => {
    let second: string;
    let loads: Readonly<Record<EnvironmentName, Load>>;
    let reports: Readonly<Record<EnvironmentName, LoadReport>>;
    let steps: Readonly<Record<"staging" | "production" | "rollback", Said>>;
    let digests: Readonly<Record<EnvironmentName, string>>;
    let plan: Said;
    let way: Said;
    let waits: Said;
    let lastOfNew: number;
    const tokens: string[] = [];

    const visit = (environment: EnvironmentName): Load =>
      startLoad({ address: machines.hosts[environment].address, domain: machines.domains[environment], authority: machines.authority(environment), rate, most: 30_000 });

    beforeAll(async () => {
      await setToken(canary2);
      second = await build(2);
      loads = { staging: visit("staging"), production: visit("production") };
      waits = await deploy("staging", second, "--minimum", "1000000");
      const staging = await jlam("bram", "release", "accept", "staging", "--reason", "I looked at it myself", ...machines.reach("staging"));
      await sleep(soak * 1000);
      await jlam("bram", "promote", "staging", "production");
      await jlam("anna", "approve", "production", "--yes");
      plan = await deploy("production", "--plan");
      const production = await deploy("production");
      tokens.push(await token(machines.hosts.production));
      digests = { staging: await serving(machines.hosts.staging), production: await serving(machines.hosts.production) };
      way = await jlam("bram", "rollback", "production", "--plan", ...machines.reach("production"));
      // What was there before needs nothing but the host.
      await machines.registry.stop();
      const asked = loads.production.now();
      const rollback = await jlam("bram", "rollback", "production", ...machines.reach("production")).finally(() => machines.registry.start());
      steps = { staging, production, rollback };
      tokens.push(await token(machines.hosts.production));
      await sleep(4000);
      for (const load of Object.values(loads)) await load.stop();
      lastOfNew = Math.max(0, ...loads.production.visits.flatMap(({ kind, version, ended }) => (version === 2 && kind !== "slow" && ended > asked ? [ended - asked] : [])));
      reports = { staging: reportOf(loads.staging.visits, [1, 2]), production: reportOf(loads.production.visits, [1, 2, 1]) };
      writeFigures();
    });

    test("serves in staging, then in production, and the first one serves again after the rollback", () => {
      expect(steps.staging).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${second} serves, in green`) });
      expect(steps.production).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${second} serves, in green`) });
      expect(steps.rollback).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${first} serves, in blue`) });
    });

    test("waits in staging where too few came to judge it by, until a person vouches for it, on record", async () => {
      expect(waits).toMatchObject({ exitCode: 6, stdout: expect.stringContaining("jlam release accept staging --reason") });
      expect(await machines.hosts.staging.run("cat", ["/srv/jlam/staging/journal.jsonl"])).toContain('"accepted because":"I looked at it myself"');
    });

    test("no visitor of either host loses a request of any kind", () => {
      expect([reports.staging.failures, reports.production.failures]).toEqual([{}, {}]);
      expect(Object.keys(reports.production.byKind)).toEqual(["get", "new connection", "order", "slow", "upload", "events", "socket"]);
    });

    test("versions take turns, and none answers between the others", () => {
      expect(reports.staging).toMatchObject({ turns: 2, outOfTurn: 0 });
      expect(reports.production).toMatchObject({ turns: 3, outOfTurn: 0 });
    });

    test("production gets the very digests that staging proved", () => {
      expect(digests.production).toEqual(digests.staging);
      expect(digests.staging).toMatch(/jlam\/app:release@sha256:[0-9a-f]{64}/);
    });

    test("the secret of each release goes with it, and back with it", () => {
      expect(tokens).toEqual([canary2, canary]);
    });

    test("the plan says before what is done, and that nobody waits", () => {
      expect(plan).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/switch app \(risk low; nobody waits\)/) });
    });

    test("the plan of the way back says to what, and that no job runs", () => {
      expect(way).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(new RegExp(`production: ${second} → ${first}`)) });
      expect(way.stdout).not.toMatch(/run app-migrate|migrate app-migrate/);
    });

    function writeFigures(): void {
      if (tablePath === undefined) return;
      mkdirSync(dirname(tablePath), { recursive: true });
      const row = (environment: EnvironmentName): string => {
        const { requests, failed, outOfTurn, longestGap, latency } = reports[environment];
        return `| ${environment} | ${requests} | ${failed} | ${outOfTurn} | ${longestGap} ms | ${latency.p50} ms | ${latency.p99} ms |`;
      };
      const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
      writeFileSync(
        tablePath,
        [
          "| host | requests | failed | out of turn | longest gap | p50 | p99 |",
          "|---|---|---|---|---|---|---|",
          row("staging"),
          row("production"),
          "",
          "| command | took |",
          "|---|---|",
          `| \`jlam deploy staging\`, with 8 s of watching, until it waits for a person | ${seconds(waits.took)} |`,
          `| \`jlam release accept staging\` | ${seconds(steps.staging.took)} |`,
          `| \`jlam deploy production\`, with 8 s of watching | ${seconds(steps.production.took)} |`,
          `| \`jlam rollback production\`, to its end | ${seconds(steps.rollback.took)} |`,
          `| \`jlam rollback production\`, to the last answer of the version that it left | ${seconds(lastOfNew)} |`,
          "",
        ].join("\n"),
      );
    }
  });

  describe("afterwards", () => {
    test.each(["staging", "production"] as const)("the journal of %s is whole, on its host and off it, and its head is signed", async (environment) => {
      const copy = join(machines.repository.pocket, `${environment}.jsonl`);
      writeFileSync(copy, `${await machines.hosts[environment].run("cat", [`/srv/jlam/${environment}/journal.jsonl`])}\n`);
      expect(await jlam("anna", "history", "verify", environment, "--journal", copy)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/the head is signed by bram@example\.nl$/) });
      const { stdout: head } = await execa("git", ["--git-dir", machines.repository.origin, "show", `releases:journals/${environment}/head.json`]);
      expect(JSON.parse(head)).toMatchObject({ environment });
    });

    test("the history tells who did what, and who approved it", async () => {
      const { stdout } = await jlam("anna", "history", "production");
      expect(stdout).toMatch(/rollback\s+\S+\s+done/);
      expect(stdout).toContain("anna@example.nl");
    });

    test("the secret of somebody else is in the files of the container that asked for it, and nowhere else", async () => {
      const places = await everywhere(machines);
      const found = [...(await findCanary(canary, places)), ...(await findCanary(canary2, places))];
      expect(found.filter(({ place }) => !/: jlam\/(staging|production)\/(releases\/[^/]+\/secrets|secrets)\/app(-blue|-green)?\/TOKEN$/.test(place))).toEqual([]);
      expect(found.length).toBeGreaterThan(0);
      expect(processes.seen()).toEqual([]);
      expect(processes.looked()).toBeGreaterThan(100);
    });
  });
});

const randomCanary = (): string => `canary-${randomBytes(24).toString("base64url")}`;

/** The secret as the copy that serves reads it. */
const token = (host: TestHost): Promise<string> => host.run("sh", ["-c", "docker exec $(docker ps --quiet --filter name=app-blue --filter name=app-green) cat /run/secrets/TOKEN"]);

/** The image, by digest, of the copy that serves. */
const serving = (host: TestHost): Promise<string> => host.run("sh", ["-c", "docker inspect --format '{{.Config.Image}}' $(docker ps --quiet --filter name=app-blue --filter name=app-green)"]);
