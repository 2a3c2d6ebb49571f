/** Every table of the database, and what it holds about a person: what an export gives and what an erasure takes. */
import type { Tables } from "../database/tables.ts";

/** A column in an export, as people name it; or why it is left out. */
export type ExportedColumn = { readonly title: string } | { readonly leftOut: string };

/** What an export needs to know of a table with rows about one person each. */
export interface ExportableTable {
  readonly title: string;
  /** The column that says whose row it is, and what stands in it: the member's id, or their pseudonym in the access log. */
  readonly person: { readonly column: string; readonly is: "member-id" | "access-pseudonym" };
  readonly columns: Readonly<Record<string, ExportedColumn>>;
  /** The column that an export is sorted by. */
  readonly sortedBy: string;
}

/** The same, held to the columns that the table has. */
interface PersonalTable<Name extends keyof Tables> extends ExportableTable {
  readonly person: { readonly column: keyof Tables[Name] & string; readonly is: "member-id" | "access-pseudonym" };
  /** Every column, so that a new one does not compile until somebody decided what an export says of it. */
  readonly columns: { readonly [Column in keyof Tables[Name]]: ExportedColumn };
  readonly sortedBy: keyof Tables[Name] & string;
  /** What becomes of the rows when the person is erased. */
  readonly erased: "with the member" | { readonly kept: string };
}

const OWN_ID = { leftOut: "our own number, which means nothing elsewhere" } as const;

/** Tables whose rows are about one person each, in the order of an export. */
export const personalTables: { readonly [Name in Exclude<keyof Tables, "retention_run" | "site_message">]: PersonalTable<Name> } = {
  member: {
    title: "Account",
    person: { column: "id", is: "member-id" },
    columns: {
      id: { title: "Nummer" },
      subject: { title: "Kenmerk bij de inlogdienst" },
      created_at: { title: "Lid sinds" },
    },
    sortedBy: "created_at",
    erased: "with the member",
  },
  diary_entry: {
    title: "Dagboek",
    person: { column: "member_id", is: "member-id" },
    columns: {
      member_id: OWN_ID,
      day: { title: "Dag" },
      weight: { title: "Gewicht (kg)" },
      glucose: { title: "Bloedsuiker (mmol/l)" },
      steps: { title: "Stappen" },
      sleep: { title: "Slaap (uur)" },
      mood: { title: "Stemming (1 tot 5)" },
      written_at: { title: "Opgeschreven op" },
    },
    sortedBy: "day",
    erased: "with the member",
  },
  consent: {
    title: "Toestemmingen",
    person: { column: "member_id", is: "member-id" },
    columns: {
      id: OWN_ID,
      member_id: OWN_ID,
      purpose: { title: "Waarvoor" },
      version: { title: "Versie van de tekst" },
      decision: { title: "Besluit" },
      at: { title: "Moment" },
    },
    sortedBy: "id",
    erased: "with the member",
  },
  erasure_request: {
    title: "Verzoek om te verwijderen",
    person: { column: "member_id", is: "member-id" },
    columns: {
      member_id: OWN_ID,
      requested_at: { title: "Gevraagd op" },
      due_at: { title: "Wordt verwijderd op" },
      provider_names: { leftOut: "noted once nobody can sign in any more, for as long as the erasure takes" },
    },
    sortedBy: "requested_at",
    erased: "with the member",
  },
  access_record: {
    title: "Wie je gegevens zag",
    person: { column: "person", is: "access-pseudonym" },
    columns: {
      id: OWN_ID,
      at: { title: "Moment" },
      actor: { title: "Wie (code)" },
      actor_role: { title: "Als" },
      person: { title: "Over wie (code)" },
      data: { title: "Gegevens" },
      action: { title: "Wat" },
      reason: { title: "Waarom" },
      result: { title: "Uitkomst" },
    },
    sortedBy: "id",
    erased: { kept: "the law asks for five years; it holds a pseudonym that leads to nobody once the member is gone" },
  },
};

/** Tables that hold something about people and are in no export, with the reason. */
export const unexportedTables: Readonly<Record<string, string>> = {
  erased_person: "keyed hashes of who is erased already, so that a restore can erase them again; nobody of them is a member",
};

/** Tables that hold nothing about anybody. */
export const impersonalTables: readonly string[] = ["retention_run", "schema_migration", "site_message"];
