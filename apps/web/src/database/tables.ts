import type { Generated } from "kysely";

/** A notice that operators put on the site for a while. */
export interface SiteMessageTable {
  id: Generated<string>;
  kind: "notice" | "maintenance";
  message: string;
  starts_at: Generated<Date>;
  ends_at: Date;
}

/** The tables that the application reads and writes. */
export interface Tables {
  site_message: SiteMessageTable;
}
