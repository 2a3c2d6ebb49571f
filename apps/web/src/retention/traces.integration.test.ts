import { tokenOf } from "@jlam/test-browser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createLogger } from "../logging.ts";
import { TEST_ORIGIN } from "../testing/application.ts";
import { postgresImage, redisImage } from "../testing/containers.ts";
import { startMemberWorld } from "../testing/member-world.ts";
import type { MemberWorld } from "../testing/member-world.ts";
import { runRetention } from "./retention-run.ts";

const [postgres, redisName] = [await postgresImage(), await redisImage()];

describe.skipIf(postgres === undefined || redisName === undefined)("what is left of somebody who was erased (needs images of postgres and redis)", () => {
  let world: MemberWorld;

  beforeAll(async () => {
    world = await startMemberWorld(postgres ?? "", redisName ?? "");
  }, 120_000);

  afterAll(() => world.stop());

  /** Every value of every table, as text. */
  async function everyRow(): Promise<string> {
    const tables = await world.server.sql("select quote_ident(nspname) || '.' || quote_ident(relname) as name from pg_class join pg_namespace n on n.oid = relnamespace where relkind in ('r', 'p', 'm') and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')");
    const texts: string[] = [];
    for (const { name } of tables) texts.push(JSON.stringify(await world.server.sql(`select to_jsonb(t)::text as row from ${String(name)} t`)));
    return texts.join("\n");
  }

  /** Every key of Redis and what it holds. */
  async function everyKey(): Promise<string> {
    const keys = (await world.redis.command("keys", "*")).split("\n").filter((key) => key !== "");
    const texts: string[] = [];
    for (const key of keys) {
      const type = await world.redis.command("type", key);
      texts.push(`${key} ${await (type === "set" ? world.redis.command("smembers", key) : world.redis.command("get", key))}`);
    }
    return texts.join("\n");
  }

  test("no table, no key of Redis and no line of the log holds them; the access log keeps records of nobody, and others keep everything", async () => {
    const lines: string[] = [];
    const logger = createLogger({ level: "trace", service: "web", environment: "test" }, { write: (line) => void lines.push(line) });
    const { browser, person, memberId } = await world.signIn("Merkteken van der Proef");
    const other = await world.signIn("Sam Blijft");
    const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Amsterdam" }).format(new Date());
    for (const [visitor, weight] of [[browser, "187,3"], [other.browser, "111,1"]] as const) {
      const token = async (): Promise<string> => tokenOf(await visitor.open(`${TEST_ORIGIN}/toestemming`));
      await visitor.open(`${TEST_ORIGIN}/toestemming`, { token: await token(), purpose: "health-data", version: "1", decision: "given" });
      const kept = await visitor.open(`${TEST_ORIGIN}/dagboek/${today}`, { token: await token(), gewicht: weight });
      expect(kept.status).toBe(303);
      for (const path of ["/dagboek", "/account/inzage", "/account/export.json", "/account/export.csv", "/beheer", "/Merkteken?q=Merkteken"]) await visitor.open(TEST_ORIGIN + path);
    }
    const subject = world.accessLog.pseudonym(memberId);
    const traces = ["Merkteken", memberId, person.uuid, person.username, "187.3", "187,3", browser.cookie(TEST_ORIGIN, "__Host-session") ?? "none"];

    // The search itself can find what there is.
    const before = await everyRow();
    for (const trace of [memberId, person.uuid, "187.3"]) expect(before).toContain(trace);
    expect(await everyKey()).toContain("Merkteken");

    const page = await browser.open(`${TEST_ORIGIN}/account/verwijderen`);
    await browser.open(page.url, { token: tokenOf(page), confirmation: "verwijderen" });
    await world.server.sql(`update erasure_request set requested_at = now() - interval '15 days', due_at = now() - interval '1 minute' where member_id = '${memberId}'`);
    expect(await runRetention(world.database, world.erasure, logger)).toMatchObject({ erased: 1, failed: 0 });

    const [rows, keys, log] = [await everyRow(), await everyKey(), [...world.application.lines, ...lines].join("")];
    for (const trace of traces) {
      expect(rows).not.toContain(trace);
      expect(keys).not.toContain(trace);
      expect(log).not.toContain(trace);
    }
    expect([...world.accounts.users.values()]).toEqual([other.person]);
    expect(log).not.toContain(subject);
    const kept = await world.server.sql(`select actor_role, action from access_record where person = '${subject}' order by id`);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.at(-1)).toEqual({ actor_role: "system", action: "remove" });
    for (const theirs of [other.memberId, "111.1"]) expect(rows).toContain(theirs);
    expect((await other.browser.open(`${TEST_ORIGIN}/account`)).status).toBe(200);
  });
});
