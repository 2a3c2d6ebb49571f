import { sql } from "kysely";

import type { Migration } from "../migration.ts";

/**
 * When the rules for how long data is kept were last applied, and the counts that operators see besides
 * `platform_counts`. The functions count across members and give numbers only; whoever shows them hides small ones.
 */
export const retention: Migration = {
  number: 7,
  name: "retention",
  phase: "expand",
  async up(transaction) {
    await transaction.schema
      .createTable("retention_run")
      .addColumn("only_row", "boolean", (column) => column.primaryKey().defaultTo(true).check(sql`only_row`))
      .addColumn("succeeded_at", "timestamptz", (column) => column.notNull())
      .execute();

    await sql`
      create function consent_counts() returns table (purpose text, version integer, given bigint)
      language sql stable security definer set search_path = pg_catalog, pg_temp
      as $$
        select purpose, version, count(*)
        from (
          select distinct on (member_id, purpose) purpose, version, decision
          from public.consent
          order by member_id, purpose, id desc
        ) latest
        where decision = 'given'
        group by purpose, version
      $$`.execute(transaction);
    await sql`
      create function erasure_counts(out waiting bigint, out overdue bigint)
      language sql stable security definer set search_path = pg_catalog, pg_temp
      as $$
        select count(*), count(*) filter (where due_at < now() - interval '1 day') from public.erasure_request
      $$`.execute(transaction);
    await sql`
      create function entry_counts(days integer) returns table (day date, entries bigint)
      language sql stable security definer set search_path = pg_catalog, pg_temp
      as $$
        select (written_at at time zone 'Europe/Amsterdam')::date, count(*)
        from public.diary_entry
        where written_at > now() - make_interval(days => days)
        group by 1
      $$`.execute(transaction);
  },
};
