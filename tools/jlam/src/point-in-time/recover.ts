/** Brings a server up as it was at one instant, apart from the one that runs. */
import { PersonError } from "../terminal/failure.ts";
import type { Archive, InstantPath } from "./archive.ts";
import { instantInWords } from "./instant.ts";
import { openIsolated, startPostgres, workFolder, type IsolatedServer } from "./isolated-server.ts";

export interface Recovering {
  readonly archive: Archive;
  readonly path: InstantPath;
  readonly instant: Date;
  /** The environment's own PostgreSQL image. */
  readonly image: string;
  readonly report?: (line: string) => void;
}

const data = `${workFolder}/data`;

/** Bytes of a segment, in dd's words: as large as apps/backup/src/archive/names.ts says. */
const writeSegments = `
  mkdir -p ${workFolder}/wal
  for name in "$@"; do dd of=${workFolder}/wal/$name bs=1M count=16 iflag=fullblock conv=sparse status=none; done`;

/** Segments that one call of the engine brings: few enough for an argument list, and for something to be told in between. */
const atOnce = 200;

/**
 * Fetches the bases and changes, joins them, checks every file against the base's own manifest, and replays up to the
 * instant: what was committed until then is there, what was committed later is not. Nothing that runs is touched. The
 * caller closes what it gets.
 * @throws PersonError when something of it is missing or damaged; the server is then gone again
 */
export async function recoverTo({ archive, path, instant, image, report = () => undefined }: Recovering): Promise<IsolatedServer> {
  const server = await openIsolated(image);
  try {
    const folders: string[] = [];
    for (const [index, { id, finishedAt }] of path.bases.entries()) {
      report(`base backup of ${finishedAt}`);
      const folder = `${workFolder}/base-${index}`;
      await server.feed(`The base backup ${id} can't be fetched.`, archive.base(path, id), archive.key, 'mkdir -m 0700 "$1" && tar --extract --file=- --directory="$1"', [folder]);
      folders.push(folder);
    }
    await server.run("The base backups can't be joined.", folders.length === 1 ? `mv "$1" ${data}` : `pg_combinebackup --output=${data} "$@" && rm -rf "$@"`, { args: folders });
    // The changes come from the archive, so that the base has none.
    await server.run("The base backup isn't what its manifest says.", `pg_verifybackup --quiet --no-parse-wal ${data}`);
    for (let from = 0; from < path.segments.length; from += atOnce) {
      const names = path.segments.slice(from, from + atOnce);
      report(`changes: ${from} of ${path.segments.length} segments`);
      await server.feed("The changes can't be fetched.", archive.segments(path, names), archive.key, writeSegments, names);
    }
    report("replaying the changes");
    await replay(server, path, instant);
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

/**
 * Reads every page of a database and looks up every row in its indexes.
 * @throws PersonError that names what is damaged
 */
export async function checkPages(server: IsolatedServer, id: string, name: string): Promise<void> {
  // What the check installs would come along with the database, into the one that it replaces.
  const installed = await server.sql(name, "SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'");
  await server.run(`${id} is damaged.`, 'pg_amcheck --install-missing --heapallindexed --database="$1"', { args: [name] });
  if (installed.trim() === "0") await server.sql(name, "DROP EXTENSION amcheck");
}

async function replay(server: IsolatedServer, path: InstantPath, instant: Date): Promise<void> {
  await server.run("The recovery can't be set up.", `touch ${data}/recovery.signal && rm -f ${data}/postgresql.auto.conf && touch ${data}/postgresql.auto.conf`);
  const needed = await recoveryNeeds(server);
  const archived = { ...needed, restore_command: `cp ${workFolder}/wal/%f %p`, recovery_target_action: "promote" };
  const first = await startPostgres(server, data, { ...archived, recovery_target_time: instant.toISOString().replace("T", " ").replace("Z", "+00") });
  if (first.up) return;
  // PostgreSQL looks for a later commit to stop at. The path covers the instant, so that there was none: all of it is right.
  if (first.log.includes("recovery ended before configured recovery target was reached")) {
    const whole = await startPostgres(server, data, archived);
    if (whole.up) return;
    throw failed(path, instant, whole.log);
  }
  throw failed(path, instant, first.log);
}

/** A recovery refuses to run with less of these than the server had. */
async function recoveryNeeds(server: IsolatedServer): Promise<Readonly<Record<string, string>>> {
  const control = await server.run("The base backup has no control file.", `pg_controldata ${data}`);
  const wanted = ["max_connections", "max_worker_processes", "max_wal_senders", "max_prepared_xacts", "max_locks_per_xact"] as const;
  const names = { max_prepared_xacts: "max_prepared_transactions", max_locks_per_xact: "max_locks_per_transaction", max_connections: "max_connections", max_worker_processes: "max_worker_processes", max_wal_senders: "max_wal_senders" } as const;
  return Object.fromEntries(wanted.flatMap((name) => {
    const value = new RegExp(`^${name} setting:\\s+(\\d+)$`, "m").exec(control)?.[1];
    return value === undefined ? [] : [[names[name], value]];
  }));
}

const failed = (path: InstantPath, instant: Date, log: string): PersonError =>
  new PersonError(`${path.database} can't be brought to ${instantInWords(instant)}.`, {
    why: log.split("\n").filter((line) => /(?:FATAL|PANIC|LOG:\s+(?:invalid|unexpected|incorrect|could not))/.test(line)).slice(-4).join("\n") || log.slice(-2_000),
    fix: "Nothing was changed. `jlam backup list` shows which instants and sets there are.",
  });
