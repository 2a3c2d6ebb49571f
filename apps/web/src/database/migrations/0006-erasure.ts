import { sql } from "kysely";

import type { Migration } from "../migration.ts";

/**
 * Members who asked to be forgotten, and those who have been.
 *
 * The application asks the database who is due and has it erase them, both by functions, since its own rights end at
 * one member at a time. `erase_member` itself looks whether that member asked and the time is over, so that no mistake
 * of the application erases anybody else. A request can be taken back until then, and no later. Everything with a foreign key to the member goes with it.
 *
 * `erased_person` is what a restore needs: keyed hashes that are compared with the rows of an old dump. The application
 * can neither read nor change it.
 *
 * A member's subject may now be the provider's UUID of the account, because the account can be erased only by that.
 */
export const erasure: Migration = {
  number: 6,
  name: "erasure",
  phase: "expand",
  async up(transaction) {
    await sql`
      alter table member drop constraint member_subject_check,
      add constraint member_subject_check
        check (subject ~ '^([0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$')`.execute(transaction);

    await transaction.schema
      .createTable("erasure_request")
      .addColumn("member_id", "uuid", (column) => column.primaryKey().references("member.id").onDelete("cascade"))
      .addColumn("requested_at", "timestamptz", (column) => column.notNull().defaultTo(sql`now()`))
      .addColumn("due_at", "timestamptz", (column) => column.notNull())
      .addCheckConstraint("erasure_request_due_later", sql`due_at > requested_at`)
      .execute();
    await transaction.schema.createIndex("erasure_request_due_at").on("erasure_request").column("due_at").execute();
    const own = sql`member_id = nullif(current_setting('app.member_id', true), '')::uuid`;
    await sql`alter table erasure_request enable row level security`.execute(transaction);
    await sql`create policy erasure_request_read on erasure_request for select using (${own})`.execute(transaction);
    await sql`create policy erasure_request_add on erasure_request for insert with check (${own})`.execute(transaction);
    await sql`create policy erasure_request_take_back on erasure_request for delete using (${own} and due_at > now())`.execute(transaction);

    await transaction.schema
      .createTable("erased_person")
      .addColumn("member_hash", "text", (column) => column.primaryKey().check(sql`member_hash ~ '^[0-9a-f]{64}$'`))
      .addColumn("account_hash", "text", (column) => column.notNull().check(sql`account_hash ~ '^[0-9a-f]{64}$'`))
      .addColumn("erased_at", "timestamptz", (column) => column.notNull().defaultTo(sql`now()`))
      .execute();
    await sql`alter table erased_person enable row level security`.execute(transaction);

    await sql`
      create function due_erasures(most integer) returns table (member_id uuid, subject text)
      language sql stable security definer set search_path = pg_catalog, pg_temp
      as $$
        select member.id, member.subject
        from public.erasure_request
        join public.member on member.id = erasure_request.member_id
        where erasure_request.due_at <= now()
        order by erasure_request.due_at
        limit most
      $$`.execute(transaction);
    await sql`
      create function erase_member(due_member uuid, member_hash text, account_hash text) returns boolean
      language plpgsql security definer set search_path = pg_catalog, pg_temp
      as $$
      begin
        perform 1 from public.erasure_request where member_id = due_member and due_at <= now() for update;
        if not found then
          return false;
        end if;
        insert into public.erased_person values (member_hash, account_hash) on conflict do nothing;
        delete from public.member where id = due_member;
        return true;
      end
      $$`.execute(transaction);
  },
};
