import { sql } from "kysely";

import type { Migration } from "../migration.ts";

/** Notices that operators put on the site for a while, such as planned maintenance. */
export const siteMessage: Migration = {
  number: 1,
  name: "site-message",
  phase: "expand",
  async up(transaction) {
    await transaction.schema
      .createTable("site_message")
      .addColumn("id", "bigint", (column) => column.generatedAlwaysAsIdentity().primaryKey())
      .addColumn("kind", "text", (column) => column.notNull().check(sql`kind in ('notice', 'maintenance')`))
      .addColumn("message", "text", (column) => column.notNull().check(sql`length(message) between 1 and 500`))
      .addColumn("starts_at", "timestamptz", (column) => column.notNull().defaultTo(sql`now()`))
      .addColumn("ends_at", "timestamptz", (column) => column.notNull())
      .addCheckConstraint("site_message_ends_after_start", sql`ends_at > starts_at`)
      .execute();
    await transaction.schema.createIndex("site_message_ends_at").on("site_message").column("ends_at").execute();
  },
};
