import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Logger } from "pino";
import { z } from "zod";

import type { Migration } from "./migration.ts";

/** A reason not to migrate, told for the person who has to decide. */
export class MigrationRefused extends Error {
  override readonly name = "MigrationRefused";
}

/** Which steps to apply, and how long to wait for others. */
export interface MigrationOptions {
  /** `expand` stops before the first `contract` step that was not applied yet; `all` applies everything. */
  readonly until: "all" | "expand";
  /** How long to wait for another migration that is running, in milliseconds. */
  readonly lockLimit: number;
}

/** What was done, and what waits for a later run. */
export interface MigrationResult {
  readonly applied: readonly Migration[];
  readonly waiting: readonly Migration[];
}

/** Any constant serves; this one spells "jlam" so that it can be recognised in pg_locks. */
const ADVISORY_LOCK = 0x6a6c616d;

/** SQLSTATE lock_not_available: lock_timeout ended a wait. */
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * How long a step waits for a table that queries hold, in milliseconds. Everybody else queues behind a waiting DDL
 * statement, so it must give up long before users notice.
 */
const TABLE_LOCK_LIMIT = 5_000;

const recordsSchema = z.array(
  z.object({ number: z.int(), name: z.string(), phase: z.enum(["expand", "contract"]) }),
);
type MigrationRecord = z.output<typeof recordsSchema>[number];

async function takeLock(connection: Kysely<unknown>, limit: number): Promise<void> {
  await sql`select set_config('lock_timeout', ${String(limit)}, false)`.execute(connection);
  try {
    await sql`select pg_advisory_lock(${ADVISORY_LOCK})`.execute(connection);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === LOCK_NOT_AVAILABLE) {
      throw new MigrationRefused(
        `Another migration has been running for more than ${limit / 1000} seconds. ` +
          "Fix: wait for it, or end it (select pid from pg_locks where locktype = 'advisory'), and run this again.",
      );
    }
    throw error;
  }
  await sql`select set_config('lock_timeout', ${String(TABLE_LOCK_LIMIT)}, false)`.execute(connection);
}

async function readRecords(connection: Kysely<unknown>): Promise<readonly MigrationRecord[]> {
  await sql`
    create table if not exists schema_migration (
      number integer primary key,
      name text not null,
      phase text not null check (phase in ('expand', 'contract')),
      applied_at timestamptz not null default now()
    )`.execute(connection);
  const { rows } = await sql`select number, name, phase from schema_migration order by number`.execute(connection);
  return recordsSchema.parse(rows);
}

/** Compares what the database went through with what this release knows. */
function refuseWhatDoesNotFit(known: readonly Migration[], records: readonly MigrationRecord[]): void {
  for (const [index, migration] of known.entries()) {
    if (migration.number !== index + 1) {
      throw new MigrationRefused(`Migration ${migration.name} has number ${migration.number}; it must be ${index + 1}.`);
    }
  }
  for (const record of records) {
    const migration = known[record.number - 1];
    if (migration === undefined && record.phase === "contract") {
      throw new MigrationRefused(
        `The database has contract step ${record.number} (${record.name}), which is newer than this release and took ` +
          "away something this release may need. Fix: deploy the release that brought it, or a newer one.",
      );
    }
    if (migration !== undefined && (migration.name !== record.name || migration.phase !== record.phase)) {
      throw new MigrationRefused(
        `Step ${record.number} is ${migration.name} (${migration.phase}) in this release, but the database recorded ` +
          `${record.name} (${record.phase}). Fix: give the new step the next free number; applied steps never change.`,
      );
    }
  }
}

function splitPending(
  known: readonly Migration[],
  records: readonly MigrationRecord[],
  until: MigrationOptions["until"],
): { readonly now: readonly Migration[]; readonly later: readonly Migration[] } {
  const applied = new Set(records.map((record) => record.number));
  const pending = known.filter((migration) => !applied.has(migration.number));
  const firstContract = pending.findIndex((migration) => migration.phase === "contract");
  if (until === "all" || firstContract === -1) return { now: pending, later: [] };
  const later = pending.slice(firstContract);
  const blocked = later.find((migration) => migration.phase === "expand");
  if (blocked !== undefined) {
    throw new MigrationRefused(
      `Step ${blocked.number} (${blocked.name}) comes after contract step ${later[0]?.number} (${later[0]?.name}), which was ` +
        "not applied yet. Fix: finish the release that brought the contract step (run this without --expand-only) first.",
    );
  }
  return { now: pending.slice(0, firstContract), later };
}

/**
 * Brings the schema to what this release needs, one transaction a step. Two at once: the second waits for the first
 * and then finds nothing to do. Stopped halfway, it goes on where it was.
 *
 * @throws MigrationRefused when another migration runs too long, or when the database does not fit this release.
 */
export async function runMigrations(
  database: Kysely<unknown>,
  known: readonly Migration[],
  options: MigrationOptions,
  logger: Logger,
): Promise<MigrationResult> {
  return await database.connection().execute(async (connection) => {
    await takeLock(connection, options.lockLimit);
    try {
      const records = await readRecords(connection);
      refuseWhatDoesNotFit(known, records);
      const { now, later } = splitPending(known, records, options.until);
      for (const migration of now) {
        await connection.transaction().execute(async (transaction) => {
          await migration.up(transaction);
          await sql`
            insert into schema_migration (number, name, phase)
            values (${migration.number}, ${migration.name}, ${migration.phase})`.execute(transaction);
        });
        logger.info({ number: migration.number, name: migration.name, phase: migration.phase }, "migration applied");
      }
      return { applied: now, waiting: later };
    } finally {
      await sql`select pg_advisory_unlock(${ADVISORY_LOCK})`.execute(connection);
    }
  });
}
