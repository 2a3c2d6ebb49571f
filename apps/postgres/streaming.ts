/** What a server needs so that its changes can be kept one by one: settings, and one login that copies and does nothing else. */
import type { DatabaseName } from "./roles.ts";
import { verifierSetting } from "./statements.ts";
import type { Setting } from "./tuning.ts";

/** The login that takes base backups and receives changes. */
export const replicationRole = (database: DatabaseName): string => `${database}_replication`;

/** Of one database: the stream, a base backup, a question for the position, and a spare one for whoever was killed and isn't noticed yet. */
const connections = 4;

/**
 * Settings of a server whose changes are streamed, or of one whose changes aren't.
 *
 * A slot makes the server keep changes until somebody has taken them. Without a limit a receiver that is gone fills the
 * disk, and the database stops: then rather the archive has a gap, which is told and ends with the next base backup.
 *
 * @param segmentSeconds time after which a segment that holds anything is closed, so that it can be sent; undefined where nobody streams
 */
export function streamingSettings(segmentSeconds: number | undefined): readonly Setting[] {
  if (segmentSeconds === undefined) return [{ key: "max_slot_wal_keep_size", value: "1GB", why: "a slot that nobody reads any more must not fill the disk" }];
  return [
    { key: "wal_level", value: "replica", why: "changes are kept by whoever streams them" },
    { key: "summarize_wal", value: "on", why: "incremental base backups are made from the summaries" },
    { key: "archive_timeout", value: String(segmentSeconds), why: "seconds after which a segment that holds a change is closed and can be sent" },
    { key: "max_slot_wal_keep_size", value: "8GB", why: "eight hours of an unreachable store at a segment a minute; beyond it the disk is worth more than the archive" },
    { key: "max_wal_senders", value: String(connections), why: "as many as the role that streams may have" },
  ];
}

/** The line of pg_hba.conf: copies of the server, and no database. */
export const replicationAccess = (database: DatabaseName, type: "host" | "hostssl"): string => `${type} replication ${replicationRole(database)} all scram-sha-256`;

/**
 * Creates or repairs the login. It may copy the server and read its changes, which holds every table and every
 * password's verifier, and so it can't be less; it may connect to no database, own nothing and change nothing.
 */
export function createReplicationRole(database: DatabaseName): string {
  const role = replicationRole(database);
  return [
    `DO $role$`,
    `DECLARE`,
    `  verifier text := current_setting('${verifierSetting({ name: role })}', true);`,
    `BEGIN`,
    `  IF verifier IS NULL OR verifier NOT LIKE 'SCRAM-SHA-256$%' THEN`,
    `    RAISE EXCEPTION 'no SCRAM verifier was given for role ${role}';`,
    `  END IF;`,
    `  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN`,
    `    CREATE ROLE ${role};`,
    `  END IF;`,
    `  EXECUTE format('ALTER ROLE ${role} LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT CONNECTION LIMIT ${connections} PASSWORD %L', verifier);`,
    `END`,
    `$role$;`,
  ].join("\n");
}
