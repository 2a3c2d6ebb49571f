/** What becomes of every column in a copy for staging, so that no person is in it; a new column doesn't compile without a rule. */
import type { Tables } from "./src/database/tables.ts";

const keep = (because: string) => ({ kind: "keep", because }) as const;
/** Another one, the same wherever it stands; the key it is made with is thrown away. */
const pseudonym = { kind: "pseudonym" } as const;
const drawn = (from: number, to: number, decimals: number) => ({ kind: "drawn", from, to, decimals }) as const;
/** Earlier by some days, as many for everything of one person. */
const shifted = (person: string) => ({ kind: "shifted", person }) as const;
const emptied = (because: string) => ({ emptied: because }) as const;

type Rule = ReturnType<typeof keep | typeof drawn | typeof shifted> | typeof pseudonym | { readonly kind: "scrubbed" };
type Rules = { readonly [Name in keyof Tables]: ReturnType<typeof emptied> | { readonly columns: { readonly [Column in keyof Tables[Name]]: Rule } } };

const ours = "a number of ours that means nothing elsewhere";

const ofTheApplication: Rules = {
  // Written by operators, who may have written anything.
  site_message: { columns: { id: keep(ours), kind: keep("one of two words"), message: { kind: "scrubbed" }, starts_at: keep("of no person"), ends_at: keep("of no person") } },
  member: { columns: { id: pseudonym, subject: pseudonym, created_at: shifted("id") } },
  diary_entry: {
    columns: {
      member_id: pseudonym,
      day: shifted("member_id"),
      weight: drawn(50, 120, 1),
      glucose: drawn(4, 12, 1),
      steps: drawn(500, 15_000, 0),
      sleep: drawn(4, 10, 1),
      mood: drawn(1, 5, 0),
      written_at: shifted("member_id"),
    },
  },
  consent: { columns: { id: keep(ours), member_id: pseudonym, purpose: keep("one of a few words"), version: keep("of a text"), decision: keep("one of two words"), at: shifted("member_id") } },
  access_record: emptied("who saw whose data is nobody's business there"),
  erasure_request: emptied("it names accounts at the provider, and nobody of the copy is to be erased"),
  retention_run: { columns: { only_row: keep("of no person"), succeeded_at: keep("of no person") } },
};

/** Together with the tables that the application itself doesn't read. */
export const anonymised = {
  ...ofTheApplication,
  erased_person: emptied("nobody of the copy is to be erased"),
  schema_migration: { columns: { number: keep("of the schema"), name: keep("of the schema"), phase: keep("of the schema"), applied_at: keep("of the schema") } },
} as const;
