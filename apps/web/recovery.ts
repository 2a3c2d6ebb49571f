/** What the web application tells of itself, so that a restore brings back all of it and nobody who was erased. */
import { anonymised } from "./anonymised.ts";
import { backupRetentionDays, database, migrate, web } from "./stack.ts";

export const recovery = {
  database,
  // What people would miss, counted as the application joins it.
  question: `
    select json_build_object(
      'members', (select count(*) from public.member),
      'members with a diary', (select count(distinct member.id) from public.member join public.diary_entry on diary_entry.member_id = member.id),
      'consents', (select count(*) from public.consent join public.member on member.id = consent.member_id),
      'last erased', (select max(erased_at) from public.erased_person))::text`,
  // Lines as erasures.js prints and takes them.
  erasures: `
    select json_build_object('member', member_hash, 'account', account_hash, 'erasedAt', to_char(erased_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text
    from public.erased_person order by erased_at, member_hash`,
  replay: { service: migrate.name, command: ["node", "/app/erasures.js", "replay"] },
  afterwards: { service: web.name, command: ["node", "/app/erasures.js", "accounts"] },
  goneAfterDays: backupRetentionDays,
  anonymised,
} as const;
