import { sql } from "kysely";

import type { Migration } from "../migration.ts";

/**
 * A diary is kept on consent alone, so it goes when that is taken back (GDPR article 17.1b). The function removes the
 * diaries of members whose latest decision about health data is a withdrawal older than `days`, of at most `most`
 * members at a time, and tells whose, for the access log.
 */
export const withdrawnDiaries: Migration = {
  number: 9,
  name: "withdrawn-diaries",
  phase: "expand",
  async up(transaction) {
    await sql`
      create function remove_withdrawn_diaries(days integer, most integer) returns setof uuid
      language sql security definer set search_path = pg_catalog, pg_temp
      as $$
        with withdrawn as (
          select latest.member_id
          from (
            select distinct on (member_id) member_id, decision, at
            from public.consent
            where purpose = 'health-data'
            order by member_id, id desc
          ) latest
          where latest.decision = 'withdrawn' and latest.at < now() - make_interval(days => days)
            and exists (select from public.diary_entry where diary_entry.member_id = latest.member_id)
          order by latest.at
          limit most
        ), removed as (
          delete from public.diary_entry using withdrawn where diary_entry.member_id = withdrawn.member_id
          returning diary_entry.member_id
        )
        select distinct member_id from removed
      $$`.execute(transaction);
  },
};
