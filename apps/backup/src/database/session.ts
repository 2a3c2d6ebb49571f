/** One session of a database that holds a snapshot for a whole run, and with it the lock against a second run. */
import { readFile } from "node:fs/promises";
import pg from "pg";
import { AlreadyRunning, BackupError, messageOf } from "../failure.ts";

/** How a database is reached, as the connection's settings say. */
export interface DatabaseAddress {
  /** Its id in the plan: `postgres-app`. */
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly passwordFile: string;
  /** Certificate of the authority that signed the server's; undefined: the connection isn't encrypted. */
  readonly authorityFile: string | undefined;
}

export interface Snapshot {
  readonly client: pg.Client;
  readonly address: DatabaseAddress;
  /** Name by which pg_dump takes the same snapshot. */
  readonly name: string;
  /** When it was taken, by the server's clock. */
  readonly takenAt: Date;
  /** `17` of 17.7. */
  readonly major: number;
  readonly version: string;
  /** Bytes of the database's files: the estimate of its dump, which is smaller. */
  readonly bytes: number;
  close(): Promise<void>;
}

/** "jlambkup" as eight letters' codes: the key of the advisory lock, which nobody else takes. */
const lockKey = "7668047297716941168";

/** SQLSTATE of a role whose connections are all in use, as the backup's are while another run dumps. */
const tooManyConnections = "53300";

/** Connects, without anything else. */
export async function connect(address: DatabaseAddress): Promise<pg.Client> {
  const { host, port, name, user, authorityFile } = address;
  const client = new pg.Client({
    host,
    port,
    database: name,
    user,
    password: (await readFile(address.passwordFile, "utf8")).trim(),
    ssl: authorityFile === undefined ? false : { ca: await readFile(authorityFile, "utf8"), rejectUnauthorized: true },
    application_name: "jlam-backup",
    connectionTimeoutMillis: 10_000,
    // Texts of values rest on these, and the content's hash on the texts.
    options: "-c datestyle=ISO -c intervalstyle=postgres -c timezone=UTC -c extra_float_digits=1 -c bytea_output=hex -c row_security=off -c search_path=pg_catalog -c statement_timeout=0 -c idle_in_transaction_session_timeout=0",
  });
  // A connection that breaks between two queries makes the next one fail; without a listener it would end the process.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/**
 * Takes the lock and a snapshot that lasts until `close`.
 * @throws AlreadyRunning while another run holds the lock
 * @throws BackupError when the database can't be reached
 */
export async function takeSnapshot(address: DatabaseAddress): Promise<Snapshot> {
  const client = await connect(address).catch((error: unknown) => {
    if (error instanceof pg.DatabaseError && error.code === tooManyConnections) throw running(address.id);
    throw new BackupError(`${address.id} can't be reached: ${messageOf(error)}.`, { fix: "Look whether the database is up, and whether its backup role may connect.", cause: error });
  });
  try {
    const locked = await client.query<{ locked: boolean }>("SELECT pg_try_advisory_lock($1) AS locked", [lockKey]);
    if (locked.rows[0]?.locked !== true) throw running(address.id);
    await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const { rows } = await client.query<{ name: string; taken_at: Date; number: number; version: string; bytes: string }>(
      "SELECT pg_export_snapshot() AS name, now() AS taken_at, current_setting('server_version_num')::int AS number, current_setting('server_version') AS version, pg_database_size(current_database())::text AS bytes",
    );
    const row = rows[0];
    if (row === undefined) throw new BackupError(`${address.id} exported no snapshot.`, { fix: "Try again; report it to whoever runs the server." });
    return {
      client,
      address,
      name: row.name,
      takenAt: row.taken_at,
      major: Math.floor(row.number / 10_000),
      version: row.version,
      bytes: Number(row.bytes),
      close: () => client.end().catch(() => undefined),
    };
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

const running = (id: string): AlreadyRunning =>
  new AlreadyRunning(`Another run holds the lock of ${id}.`, { fix: "Wait until it is done; `backup list` then shows its set." });
