import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import { connectionOptions } from "../database/connection.ts";
import { asMember, signInMember } from "../database/members.ts";
import type { DatabaseSettings } from "../settings/database-settings.ts";
import { postgresImage, redisImage } from "../testing/containers.ts";
import { startMemberWorld } from "../testing/member-world.ts";
import type { MemberWorld } from "../testing/member-world.ts";
import { ownAccess } from "./access-log.ts";
import { consentState, decideConsent, hasConsent } from "./consents.ts";
import { exportPerson } from "./export.ts";
import { impersonalTables, personalTables, unexportedTables } from "./personal-data.ts";

const [postgres, redisName] = [await postgresImage(), await redisImage()];
const [NOOR, SAM] = ["a".repeat(64), "b".repeat(64)] as const;
const CHANGES = ["update access_record set result = 'refused'", "delete from access_record", "truncate access_record"];

describe.skipIf(postgres === undefined || redisName === undefined)("what the database allows with people's data (needs images of postgres and redis)", () => {
  let world: MemberWorld;
  let noor: string;
  let sam: string;

  beforeAll(async () => {
    world = await startMemberWorld(postgres ?? "", redisName ?? "");
    noor = await signInMember(world.database, NOOR);
    sam = await signInMember(world.database, SAM);
  }, 120_000);

  afterAll(() => world.stop());

  async function clientAs(settings: DatabaseSettings): Promise<pg.Client> {
    const client = new pg.Client(await connectionOptions(settings));
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  }

  const record = (memberId: string): Promise<void> =>
    asMember(world.database, memberId, (transaction) => world.accessLog.record(transaction, ownAccess(memberId, "diary", "read")));

  describe("the access log", () => {
    test.each(CHANGES)("the application's role may not: %s", async (change) => {
      await record(noor);
      const client = await clientAs(world.server.application);
      await expect(client.query(change)).rejects.toThrow("permission denied");
      expect(await world.accessLog.about(world.database, noor, 1)).toHaveLength(1);
    });

    test("rights that a later grant on all tables gives back change nothing: no row can be seen to be changed, and none goes", async () => {
      await record(noor);
      const before = await world.server.sql("select * from access_record order by id");
      await world.server.sql("grant select, insert, update, delete on all tables in schema public to app_application");
      onTestFinished(() => world.server.sql("revoke update, delete on access_record from app_application").then(() => undefined));
      const client = await clientAs(world.server.application);
      for (const change of CHANGES.slice(0, 2)) expect((await client.query(change)).rowCount).toBe(0);
      // Even rows that the role may read, because it named their person.
      await client.query(`select set_config('app.access_pseudonym', '${world.accessLog.pseudonym(noor)}', false)`);
      for (const change of CHANGES.slice(0, 2)) expect((await client.query(change)).rowCount).toBe(0);
      expect(await world.server.sql("select * from access_record order by id")).toEqual(before);
    });

    test.each(CHANGES)("the owner of the table is stopped, too: %s", async (change) => {
      await record(noor);
      const client = await clientAs(world.server.owner);
      await expect(client.query(change)).rejects.toThrow("the access log is only added to");
    });

    test("the time of a record is the database's, whatever is given", async () => {
      const client = await clientAs(world.server.owner);
      await client.query(
        "insert into access_record (at, actor_role, data, action, reason, result) values ('2001-01-01', 'system', 'counts', 'read', 'statistics', 'done')",
      );
      expect(await world.server.sql("select 1 from access_record where at < now() - interval '1 minute'")).toEqual([]);
    });

    test("a member reads what is about them, and nothing about another", async () => {
      await record(sam);
      const own = await world.accessLog.about(world.database, noor, 1_000);
      expect(own.length).toBeGreaterThan(0);
      expect(own.every(({ self }) => self)).toBe(true);
      const all = await world.database.selectFrom("access_record").selectAll().execute();
      expect(all).toEqual([]);
    });

    test("no id of a member is in it", async () => {
      await record(noor);
      const text = JSON.stringify(await world.server.sql("select to_jsonb(access_record) as row from access_record"));
      for (const id of [noor, sam, NOOR, SAM]) expect(text).not.toContain(id);
    });

    test("a record and what it records happen together or not at all", async () => {
      const count = async () => (await world.server.sql("select 1 from access_record")).length;
      const before = await count();
      const failing = asMember(world.database, noor, async (transaction) => {
        await world.accessLog.record(transaction, ownAccess(noor, "diary", "write"));
        await sql`select 1/0`.execute(transaction);
      });
      await expect(failing).rejects.toThrow("division by zero");
      expect(await count()).toBe(before);
    });
  });

  describe("consent", () => {
    test("what was given is taken back as it was given, and what holds is the latest", async () => {
      const states = await asMember(world.database, noor, async (transaction) => {
        const seen = [await hasConsent(transaction, noor, "research")];
        await decideConsent(transaction, noor, "research", "given");
        seen.push(await hasConsent(transaction, noor, "research"));
        await decideConsent(transaction, noor, "research", "withdrawn");
        seen.push(await hasConsent(transaction, noor, "research"));
        return seen;
      });
      expect(states).toEqual([false, true, false]);
    });

    test("a new wording asks everybody again, those who said no excepted", async () => {
      await asMember(world.database, sam, async (transaction) => {
        await decideConsent(transaction, sam, "research", "given");
        await decideConsent(transaction, sam, "newsletter", "withdrawn");
        expect((await consentState(transaction, sam, "research", 2)).state).toBe("asked-again");
        expect((await consentState(transaction, sam, "newsletter", 2)).state).toBe("withdrawn");
      });
    });

    test("nobody decides for another, and no decision is changed or removed", async () => {
      const invented = asMember(world.database, noor, (transaction) => decideConsent(transaction, sam, "health-data", "given"));
      await expect(invented).rejects.toThrow("violates row-level security");
      await asMember(world.database, noor, async (transaction) => {
        await decideConsent(transaction, noor, "health-data", "given");
        expect((await transaction.updateTable("consent").set({ decision: "withdrawn" }).executeTakeFirst()).numUpdatedRows).toBe(0n);
        expect((await transaction.deleteFrom("consent").executeTakeFirst()).numDeletedRows).toBe(0n);
      });
    });
  });

  describe("the register of personal data", () => {
    test("every table of the database is in it, as one about people or as one about nobody", async () => {
      const rows = await world.server.sql("select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm') order by 1");
      const registered = [...Object.keys(personalTables), ...Object.keys(unexportedTables), ...impersonalTables];
      expect(rows.map((row) => row["name"])).toEqual(registered.sort());
    });

    test("every column that names a member goes with the member, and the register says the same", async () => {
      const columns = await world.server.sql(`
        select class.relname as name from pg_attribute a join pg_class class on class.oid = a.attrelid
        where class.relnamespace = 'public'::regnamespace and class.relkind = 'r' and a.attname = 'member_id' order by 1`);
      const cascades = await world.server.sql(`
        select conrelid::regclass::text as name from pg_constraint
        where confrelid = 'member'::regclass and contype = 'f' and confdeltype = 'c' order by 1`);
      expect(cascades).toEqual(columns);
      const said = Object.entries(personalTables).filter(([name, table]) => name !== "member" && table.erased === "with the member");
      expect(said.map(([name]) => name).sort()).toEqual(cascades.map((row) => row["name"]));
    });

    test("its columns are the table's", async () => {
      for (const [name, table] of Object.entries(personalTables)) {
        const rows = await world.server.sql(`select attname as name from pg_attribute where attrelid = '${name}'::regclass and attnum > 0 and not attisdropped`);
        expect(rows.map((row) => String(row["name"])).sort(), name).toEqual(Object.keys(table.columns).sort());
      }
    });

    test("an export holds every row about the person and none about another, from every table", async () => {
      await world.server.sql(`
        insert into diary_entry (member_id, day, weight, mood) values ('${noor}', '2026-11-01', 71.5, 4), ('${noor}', '2026-11-02', 71.3, 3), ('${sam}', '2026-11-01', 98.7, 1)`);
      await world.server.sql(`insert into erasure_request (member_id, due_at) values ('${noor}', now() + interval '9 days'), ('${sam}', now() + interval '9 days')`);
      await record(sam);
      const person = { memberId: noor, accessPseudonym: world.accessLog.pseudonym(noor), name: "Noor" };
      const { parts } = await asMember(world.database, noor, (transaction) => exportPerson(transaction, person, new Date()));
      for (const [name, table] of Object.entries(personalTables)) {
        const value = table.person.is === "member-id" ? noor : person.accessPseudonym;
        const own = await world.server.sql(`select 1 from ${name} where ${table.person.column}::text = '${value}'`);
        expect(own.length, name).toBeGreaterThan(0);
        expect(parts.find(({ title }) => title === table.title)?.rows.length, name).toBe(own.length);
      }
      const text = JSON.stringify(parts);
      expect(text).toContain("71.5");
      for (const theirs of [sam, SAM, world.accessLog.pseudonym(sam), "98.7"]) expect(text).not.toContain(theirs);
    });

    test("a wrong member in the question finds nothing, since the database asks whose transaction it is", async () => {
      const person = { memberId: sam, accessPseudonym: world.accessLog.pseudonym(noor), name: "" };
      const { parts } = await asMember(world.database, noor, (transaction) => exportPerson(transaction, person, new Date()));
      expect(parts.find(({ title }) => title === personalTables.diary_entry.title)?.rows).toEqual([]);
    });
  });

  test("the application erases nobody who is not due, and sees nothing of who was", async () => {
    const client = await clientAs(world.server.application);
    const erase = (id: string) => client.query("select erase_member($1, $2, $3) as erased", [id, "c".repeat(64), "d".repeat(64)]);
    expect((await erase(sam)).rows).toEqual([{ erased: false }]);
    expect(await world.server.sql(`select 1 from member where id = '${sam}'`)).toHaveLength(1);
    expect((await client.query("select * from erased_person")).rows).toEqual([]);
    await expect(client.query("insert into erased_person values ($1, $2)", ["c".repeat(64), "d".repeat(64)])).rejects.toThrow("violates row-level security");
  });
});
