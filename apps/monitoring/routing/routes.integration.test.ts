/** Alertmanager's own judgement of the routes: who hears of which alert. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settledSurroundings } from "@jlam/compose-dsl";
import { dump } from "js-yaml";
import { afterAll, describe, expect, test } from "vitest";
import { definitions } from "../alerts/index.ts";
import { platform } from "../platform.fixture.ts";
import { watch } from "../watched/watch.ts";
import { alertmanagerConfiguration } from "./alertmanager-configuration.ts";
import { secretAddress, type Contacts } from "./contacts.ts";

const program = process.env["JLAM_AMTOOL"] ?? "amtool";
const found = spawnSync(program, ["--version"], { encoding: "utf8", timeout: 20_000 }).error === undefined;
const missing = found ? "" : " (not run: no `amtool` in PATH, and JLAM_AMTOOL does not name one)";

const folder = mkdtempSync(join(tmpdir(), "jlam-routes-"));
afterAll(() => rmSync(folder, { recursive: true }));

const everybody: Contacts = { mail: "people@example.org", pagerDuty: true, jira: true, chat: true, deadMansSwitch: true };

function fileFor(contacts: Contacts): string {
  const around = settledSurroundings(platform());
  const mail = around.providers.find(({ provides }) => provides.kind === "mail");
  if (!mail) throw new Error("the platform has no mail");
  const path = join(folder, `${Object.keys(contacts).join("-")}.yml`);
  writeFileSync(path, dump(alertmanagerConfiguration(watch(around), contacts, mail)));
  return path;
}

const amtool = (...words: readonly string[]): string => {
  const { stdout, stderr } = spawnSync(program, words, { encoding: "utf8", timeout: 30_000 });
  return `${stdout}${stderr}`.trim();
};

describe.skipIf(!found && process.env["JLAM_REQUIRE_ALL"] !== "1")(`amtool${missing}`, () => {
  test.each([
    ["mail alone", { mail: "people@example.org" }],
    ["an address that is a secret", { mail: secretAddress }],
    ["everybody", everybody],
  ] as const)("accepts a configuration for %s", (_, contacts) => {
    expect(amtool("check-config", fileFor(contacts))).toContain("SUCCESS");
  });

  test("refuses one with an unknown receiver: the judge isn't asleep", () => {
    const path = join(folder, "broken.yml");
    writeFileSync(path, dump({ route: { receiver: "nobody" }, receivers: [{ name: "somebody" }] }));
    expect(amtool("check-config", path)).toContain("FAILED");
  });

  test.each(definitions.map(({ name, severity, category }) => [name, severity, category] as const))("%s (%s) reaches whom its severity says", (name, severity, category) => {
    const receiver = name === "DeadMansSwitch" ? "dead-mans-switch" : { P1: "pages", P2: "tickets", P3: "digest" }[severity];
    expect(amtool("config", "routes", "test", `--config.file=${fileFor(everybody)}`, `alertname=${name}`, `severity=${severity}`, `category=${category}`, "service=shop")).toBe(receiver);
  });
});
