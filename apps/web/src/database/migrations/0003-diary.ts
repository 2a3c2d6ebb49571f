import { sql } from "kysely";

import type { Migration } from "../migration.ts";

/**
 * A member's days, one row each. The ranges say what a scale, a meter or a night can give, so that a slip of the finger
 * is refused even where a form let it through; they say nothing about health.
 *
 * The database itself keeps members apart: a transaction reads, writes and removes rows of the member that it named, and
 * a transaction that named nobody finds none, whatever its WHERE says.
 *
 * `platform_counts` is the one way to count across members. It runs as the role that owns the tables, to whom the
 * policies don't apply, takes no argument, and gives numbers only; its search path is fixed, so that no table of another
 * schema can take the place of one of ours. "Active" is who wrote in the diary: counting visits would need a record of
 * who came when, which nothing else here needs.
 */
export const diary: Migration = {
  number: 3,
  name: "diary",
  phase: "expand",
  async up(transaction) {
    await transaction.schema
      .createTable("diary_entry")
      .addColumn("member_id", "uuid", (column) => column.notNull().references("member.id").onDelete("cascade"))
      .addColumn("day", "date", (column) => column.notNull().check(sql`day >= date '2000-01-01'`))
      .addColumn("weight", sql`numeric(4,1)`, (column) => column.check(sql`weight between 20 and 400`))
      .addColumn("glucose", sql`numeric(3,1)`, (column) => column.check(sql`glucose between 1 and 50`))
      .addColumn("steps", "integer", (column) => column.check(sql`steps between 0 and 150000`))
      .addColumn("sleep", sql`numeric(3,1)`, (column) => column.check(sql`sleep between 0 and 24`))
      .addColumn("mood", "smallint", (column) => column.check(sql`mood between 1 and 5`))
      .addColumn("written_at", "timestamptz", (column) => column.notNull().defaultTo(sql`now()`))
      .addPrimaryKeyConstraint("diary_entry_pkey", ["member_id", "day"])
      .addCheckConstraint("diary_entry_holds_something", sql`num_nonnulls(weight, glucose, steps, sleep, mood) > 0`)
      .execute();
    await transaction.schema.createIndex("diary_entry_written_at").on("diary_entry").columns(["written_at", "member_id"]).execute();

    const own = sql`member_id = nullif(current_setting('app.member_id', true), '')::uuid`;
    await sql`alter table diary_entry enable row level security`.execute(transaction);
    await sql`create policy diary_entry_read on diary_entry for select using (${own})`.execute(transaction);
    await sql`create policy diary_entry_write on diary_entry for insert with check (${own})`.execute(transaction);
    await sql`create policy diary_entry_change on diary_entry for update using (${own}) with check (${own})`.execute(transaction);
    await sql`create policy diary_entry_remove on diary_entry for delete using (${own})`.execute(transaction);

    await sql`
      create function platform_counts(
        out members bigint, out sign_ups_day bigint, out sign_ups_week bigint, out sign_ups_month bigint,
        out active_day bigint, out active_week bigint, out active_month bigint, out entries bigint
      )
      language sql stable security definer set search_path = pg_catalog, pg_temp
      as $$
        select m.*, a.*, (select count(*) from public.diary_entry)
        from (
          select count(*),
            count(*) filter (where created_at > now() - interval '1 day'),
            count(*) filter (where created_at > now() - interval '7 days'),
            count(*) filter (where created_at > now() - interval '30 days')
          from public.member
        ) m, (
          select count(distinct member_id) filter (where written_at > now() - interval '1 day'),
            count(distinct member_id) filter (where written_at > now() - interval '7 days'),
            count(distinct member_id)
          from public.diary_entry
          where written_at > now() - interval '30 days'
        ) a
      $$`.execute(transaction);
  },
};
