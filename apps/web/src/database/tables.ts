import type { Generated } from "kysely";

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
  /** Stands for the person at the provider; 64 hexadecimal digits. */
  subject: string;
  created_at: Generated<Date>;
}

/** One day of a member's diary. Rows are seen only in a transaction of that member; every measure may be missing, not all. */
export interface DiaryEntryTable {
  member_id: string;
  /** Year, month and day with dashes; read it as text, since the driver would make a moment of it. */
  day: string;
  /** Kilograms. */
  weight: number | null;
  /** Millimoles a litre. */
  glucose: number | null;
  steps: number | null;
  /** Hours. */
  sleep: number | null;
  /** From 1, bad, to 5, good. */
  mood: number | null;
  written_at: Generated<Date>;
}

/** The tables that the application reads and writes. */
export interface Tables {
  site_message: SiteMessageTable;
  member: MemberTable;
  diary_entry: DiaryEntryTable;
}
