import type { ColumnType, Generated } from "kysely";

/** A notice that operators put on the site for a while. */
export interface SiteMessageTable {
  id: Generated<string>;
  kind: "notice" | "maintenance";
  message: string;
  starts_at: Generated<Date>;
  ends_at: Date;
}

/** Somebody who has signed in. Rows are seen only in a transaction of that member: see members.ts. */
export interface MemberTable {
  id: Generated<string>;
  /** Stands for the person at the provider: its UUID of the account, or 64 hexadecimal digits. */
  subject: string;
  created_at: Generated<Date>;
}

/** The driver gives a decimal number as text, since not every one fits into a number of JavaScript. */
type Decimal = ColumnType<string | null, number | null, number | null>;

/** One day of a member's diary. Rows are seen only in a transaction of that member; every measure may be missing, not all. */
export interface DiaryEntryTable {
  member_id: string;
  /** Year, month and day with dashes; the driver makes a moment of it unless it is read as text. */
  day: ColumnType<Date, string, string>;
  /** Kilograms. */
  weight: Decimal;
  /** Millimoles a litre. */
  glucose: Decimal;
  steps: number | null;
  /** Hours. */
  sleep: Decimal;
  /** From 1, bad, to 5, good. */
  mood: number | null;
  written_at: Generated<Date>;
}

/** One decision of a member about one purpose; the latest holds. Rows are seen only in a transaction of that member. */
export interface ConsentTable {
  id: Generated<string>;
  member_id: string;
  purpose: string;
  /** Of the wording that was decided about. */
  version: number;
  decision: "given" | "withdrawn";
  at: Generated<Date>;
}

/** One access to somebody's data, by pseudonyms: see privacy/access-log.ts. Rows can be added only. */
export interface AccessRecordTable {
  id: Generated<string>;
  /** Set by the database. */
  at: ColumnType<Date, never, never>;
  /** Null where the program itself acted. */
  actor: string | null;
  actor_role: "member" | "operator" | "system";
  /** Null where nobody in particular was seen. */
  person: string | null;
  data: string;
  action: string;
  reason: string;
  result: "done" | "refused";
}

/** A member who asked to be forgotten. Rows are seen only in a transaction of that member. */
export interface ErasureRequestTable {
  member_id: string;
  requested_at: Generated<Date>;
  due_at: Date;
  /** By which names the provider knows them, noted just before the account goes. */
  provider_names: Generated<string[]>;
}

/** When the rules for how long data is kept were last applied to everything; one row. */
export interface RetentionRunTable {
  only_row: Generated<boolean>;
  succeeded_at: Date;
}

/** The tables that the application reads and writes. */
export interface Tables {
  site_message: SiteMessageTable;
  member: MemberTable;
  diary_entry: DiaryEntryTable;
  consent: ConsentTable;
  access_record: AccessRecordTable;
  erasure_request: ErasureRequestTable;
  retention_run: RetentionRunTable;
}
