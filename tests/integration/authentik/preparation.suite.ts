import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { until } from "../stack/until.ts";
import { originOf } from "./environment.ts";
import { walk } from "./flow.ts";
import { browserOf, type Given } from "./running.ts";

const instances = z.object({ results: z.array(z.object({ path: z.string(), status: z.string() })) });
const settings = z.object({ event_retention: z.string(), gdpr_compliance: z.boolean() });

/** Rows that running itself makes: sessions, tasks, events, caches, when the worker last looked at a blueprint. Everything else is configuration. */
const passing = /^INSERT INTO public\.(authentik_core_(session|authenticatedsession)|authentik_tasks|authentik_blueprints_blueprintinstance |authentik_events_(event|notification) |authentik_policies_reputation_reputation |authentik_outposts_outposts|django_(postgres|channels|session|migrations|content)|authentik_core_token )/;

/** Columns that say when something was last touched. */
const times = /'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00'/g;

/** Numbers of the rights that an outpost is given anew each time it is saved: the same rights, counted on. */
const grantNumber = /(?<=INSERT INTO public\.guardian_(rolemodel|roleobject)permission VALUES \()\d+/;

const configuration = (dump: string): readonly string[] =>
  dump
    .split("\n")
    .filter((line) => line.startsWith("INSERT INTO") && !passing.test(line))
    .map((line) => line.replaceAll(times, "'…'").replace(grantNumber, "…"))
    .sort();

/** The job that runs before server and worker. */
export function describePreparation(given: Given): void {
  describe("the preparation", () => {
    const run = (files: readonly string[], mounts: readonly string[] = []) =>
      given().platform.compose(["run", "--rm", "--no-deps", "--no-TTY", ...mounts.flatMap((mount) => ["--volume", mount]), "--entrypoint", "python", "authentik-blueprints", "-m", "jlam.prepare", ...files]);

    it("has applied every blueprint, in order", async () => {
      const output = await given().platform.logs("authentik-blueprints");
      const applied = [...output.matchAll(/^applying (\S+)\s*$/gm)].map(([, path]) => path);
      const ours = ["groups", "self-service", "authentication", "brand", "applications", "accounts", "alerts"].map((file) => `jlam/${file}.yaml`);
      expect(applied).toEqual(["system/providers-oauth2.yaml", "system/providers-proxy.yaml", ...ours]);
      expect(output).toContain("prepared");
    });

    it("fails with Authentik's own words for a blueprint that it refuses", { timeout: 300_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), "authentik-blueprint-"));
      try {
        const file = join(folder, "wrong.yaml");
        writeFileSync(file, "version: 1\nmetadata:\n  name: wrong\nentries:\n  - model: authentik_flows.flow\n    identifiers:\n      slug: wrong\n    attrs:\n      name: wrong\n      title: wrong\n      designation: no-such-thing\n", { mode: 0o644 });
        const { exitCode, output } = await run(["jlam/wrong.yaml"], [`${file}:/blueprints/jlam/wrong.yaml:ro`]);
        expect(exitCode).toBe(1);
        expect(output).toContain("applying jlam/wrong.yaml");
        expect(output).toContain("no-such-thing");
        expect(output).not.toContain("prepared");
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it("has set how long events are kept, and that they go with an account", async () => {
      expect(settings.parse(await given().administrator.ask("/admin/settings/"))).toEqual({ event_retention: "days=90", gdpr_compliance: true });
    });

    it("leaves Authentik's own blueprints to the worker, which applies every one", { timeout: 240_000 }, async () => {
      const ask = async () => instances.parse(await given().administrator.ask("/managed/blueprints/?page_size=100")).results;
      const { answer } = await until(ask, (results) => results.length > 15 && results.every(({ status }) => status === "successful"), 180_000);
      expect(answer.length).toBeGreaterThan(15);
    });

    it("changes nothing when it runs again", { timeout: 300_000 }, async () => {
      // The worker has applied Authentik's own by now, which the test before this one waited for.
      const before = configuration(await given().platform.databaseDump());
      const { exitCode, output } = await given().platform.compose(["up", "--no-deps", "--force-recreate", "--exit-code-from", "authentik-blueprints", "authentik-blueprints"]);
      expect(exitCode, output).toBe(0);
      expect(configuration(await given().platform.databaseDump())).toEqual(before);
      expect(before.length).toBeGreaterThan(200);
    });

    it("leaves nobody the page on which the first administrator's password is set", async () => {
      const ended = await walk(browserOf(given), { origin: originOf("auth"), slug: "initial-setup", query: "" }, {});
      expect(ended.component).toBe("ak-stage-access-denied");
    });
  });
}
