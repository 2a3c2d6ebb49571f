import { sql } from "kysely";

import type { Migration } from "../migration.ts";

/**
 * Who saw or changed whose data, with the fields of NEN 7513. People are in it by a pseudonym that only the
 * application's key makes, and that is no key of another table: when the member is gone, a record leads to nobody.
 *
 * Rows are added and never changed. Rights say so (no UPDATE, DELETE or TRUNCATE, and no policy for them, should a
 * later grant on all tables give them back), and a trigger says so to the owner of the table, whom rights don't bind.
 * The database sets the time. Rows older than five years may go, which is the least that Stcrt. 2019, 38007 asks for;
 * `remove_old_access_records` is the one way, and the trigger refuses it anything younger.
 */
export const accessRecord: Migration = {
  number: 5,
  name: "access-record",
  phase: "expand",
  async up(transaction) {
    await transaction.schema
      .createTable("access_record")
      .addColumn("id", "bigint", (column) => column.generatedAlwaysAsIdentity().primaryKey())
      .addColumn("at", "timestamptz", (column) => column.notNull())
      .addColumn("actor", "text", (column) => column.check(sql`actor ~ '^[0-9a-f]{64}$'`))
      .addColumn("actor_role", "text", (column) => column.notNull().check(sql`actor_role in ('member', 'operator', 'system')`))
      .addColumn("person", "text", (column) => column.check(sql`person ~ '^[0-9a-f]{64}$'`))
      .addColumn("data", "text", (column) => column.notNull().check(sql`data ~ '^[a-z]+(-[a-z]+)*$'`))
      .addColumn("action", "text", (column) => column.notNull().check(sql`action ~ '^[a-z]+(-[a-z]+)*$'`))
      .addColumn("reason", "text", (column) => column.notNull().check(sql`reason ~ '^[a-z]+(-[a-z]+)*$'`))
      .addColumn("result", "text", (column) => column.notNull().check(sql`result in ('done', 'refused')`))
      .addCheckConstraint("access_record_names_an_actor", sql`(actor is null) = (actor_role = 'system')`)
      .execute();
    await transaction.schema.createIndex("access_record_person").on("access_record").columns(["person", "id desc"]).execute();
    await transaction.schema.createIndex("access_record_at").on("access_record").column("at").execute();

    await sql`alter table access_record enable row level security`.execute(transaction);
    await sql`
      create policy access_record_read on access_record for select
      using (person = nullif(current_setting('app.access_pseudonym', true), ''))`.execute(transaction);
    await sql`create policy access_record_add on access_record for insert with check (true)`.execute(transaction);

    await sql`
      create function keep_access_record() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
      as $$
      begin
        if tg_op = 'INSERT' then
          new.at := now();
          return new;
        end if;
        if tg_op = 'DELETE' and old.at < now() - interval '5 years' then
          return old;
        end if;
        raise exception 'the access log is only added to' using errcode = 'insufficient_privilege';
      end
      $$`.execute(transaction);
    await sql`
      create trigger keep_access_record before insert or update or delete on access_record
      for each row execute function keep_access_record()`.execute(transaction);
    await sql`
      create trigger keep_access_records before truncate on access_record
      for each statement execute function keep_access_record()`.execute(transaction);
    // The roles that default privileges gave more to; no migration knows their names.
    await sql`
      do $$
      declare
        grantee text;
      begin
        for grantee in
          select distinct pg_get_userbyid(given.grantee)
          from pg_class, aclexplode(relacl) as given
          where pg_class.oid = 'access_record'::regclass and given.grantee not in (0, relowner)
        loop
          execute format('revoke update, delete, truncate on access_record from %I', grantee);
        end loop;
      end
      $$`.execute(transaction);

    await sql`
      create function remove_old_access_records(most integer) returns integer
      language plpgsql security definer set search_path = pg_catalog, pg_temp
      as $$
      declare
        removed integer;
      begin
        delete from public.access_record where id in (
          select id from public.access_record where at < now() - interval '5 years' order by at limit most
        );
        get diagnostics removed = row_count;
        return removed;
      end
      $$`.execute(transaction);
  },
};
