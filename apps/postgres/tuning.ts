/** PostgreSQL's settings, worked out from the memory and processors that its container has. */

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** One line of postgresql.conf, with the reason it is there. */
export interface Setting {
  readonly key: string;
  readonly value: string;
  readonly why: string;
}

export interface Limits {
  /** The container's memory limit in bytes; at least 128 MiB. */
  readonly memoryBytes: number;
  /** The container's processors; may be a fraction. */
  readonly cpus: number;
}

/** How the memory limit is divided. All sizes are bytes. */
export interface MemoryPlan {
  readonly sharedBuffers: number;
  readonly maintenanceWorkMem: number;
  /** Processes that may each use maintenanceWorkMem: the autovacuum workers, and one index build or manual vacuum. */
  readonly maintenanceProcesses: number;
  readonly workMem: number;
  readonly maxConnections: number;
  readonly parallelWorkers: number;
  readonly walBuffers: number;
  /** For Compose's shm_size: parallel queries share their hash tables in /dev/shm. */
  readonly shmSize: number;
}

/**
 * Memory that a backend takes beside shared_buffers and work_mem (catalogue caches, plans). PostgreSQL 17.11 took 3.4 MiB
 * (RssAnon) after a few hundred joins; the integration test measures it again.
 */
export const backendBytes = 4 * MiB;

/** Memory of the processes that are always there: postmaster, checkpointer, WAL writer, autovacuum launcher. */
export const serverBytes = 16 * MiB;

/** PostgreSQL's default for hash_mem_multiplier: a hash may take this many times work_mem. */
export const hashMemMultiplier = 2;

/**
 * Divides the memory limit so that {@link worstCase} stays within it.
 *
 * - shared_buffers: 25 % of memory (postgresql.org/docs/17/runtime-config-resource.html: "a reasonable starting value").
 * - maintenance_work_mem: a thirty-second part, between 4 MiB and 1 GiB, for each maintenance process.
 * - max_connections: one for every 10 MiB, between 12 (the least that {@link connectionLimits} can divide) and 200;
 *   more than a few connections per processor only wait for each other (wiki.postgresql.org/wiki/Number_Of_Database_Connections).
 * - work_mem: what is left, divided among all connections and parallel workers, between 512 KiB and 64 MiB.
 *
 * @throws RangeError below 128 MiB, or without a processor
 */
export function planMemory({ memoryBytes, cpus }: Limits): MemoryPlan {
  if (memoryBytes < 128 * MiB) {
    throw new RangeError(`PostgreSQL needs a memory limit of at least 128 MiB; this one is ${Math.floor(memoryBytes / MiB)} MiB.`);
  }
  if (!(cpus > 0)) throw new RangeError(`PostgreSQL needs a part of a processor; this limit is ${cpus}.`);
  const wholeCpus = Math.ceil(cpus);
  const sharedBuffers = wholeMiB(memoryBytes / 4);
  const walBuffers = between(MiB, wholeMiB(sharedBuffers / 32), 16 * MiB);
  const maintenanceWorkMem = between(4 * MiB, wholeMiB(memoryBytes / 32), GiB);
  const maintenanceProcesses = (memoryBytes < GiB ? 1 : 3) + 1;
  const maxConnections = between(12, Math.floor(memoryBytes / (10 * MiB)), 200);
  const parallelWorkers = memoryBytes < GiB || wholeCpus < 2 ? 0 : Math.min(wholeCpus, 8);
  const processes = maxConnections + parallelWorkers;
  const left =
    memoryBytes - sharedBuffers - walBuffers - serverBytes - maintenanceProcesses * maintenanceWorkMem - processes * backendBytes;
  const share = left / processes / hashMemMultiplier;
  const workMem = between(512 * KiB, Math.floor(share / (64 * KiB)) * 64 * KiB, 64 * MiB);
  const shmSize = Math.max(64 * MiB, wholeMiB((parallelWorkers + 1) * workMem * hashMemMultiplier * 2));
  return { sharedBuffers, walBuffers, maintenanceWorkMem, maintenanceProcesses, workMem, maxConnections, parallelWorkers, shmSize };
}

/**
 * The most memory the server takes when every connection and every parallel worker runs one hash at its full size while
 * every maintenance process is busy. A statement with several sorts or hashes may take more than its share: PostgreSQL
 * has no limit per statement, which is why the application's connections and statement time are limited too.
 */
export function worstCase(plan: MemoryPlan): number {
  const processes = plan.maxConnections + plan.parallelWorkers;
  return (
    plan.sharedBuffers + plan.walBuffers + serverBytes + plan.maintenanceProcesses * plan.maintenanceWorkMem +
    processes * (backendBytes + plan.workMem * hashMemMultiplier)
  );
}

/**
 * The settings of a server with these limits, in the order in which they are emitted.
 *
 * Nothing that a person typed may reach the log, and PostgreSQL has three ways of writing it there: the statement
 * (log_statement, log_min_duration_statement, and the STATEMENT line of an error), the details of an error ("Key
 * (email)=(…) already exists", hidden by `terse`), and the error's own sentence ("invalid input syntax for type integer:
 * …"). Only leaving ERROR out stops the last; FATAL, PANIC and the server's own messages remain, and the application
 * logs the code of every error that it gets.
 */
export function tune(limits: Limits): readonly Setting[] {
  const plan = planMemory(limits);
  const setting = (key: string, value: string | number, why: string): Setting => ({ key, value: String(value), why });
  return [
    setting("shared_buffers", megabytes(plan.sharedBuffers), "25 % of the memory limit"),
    setting("effective_cache_size", megabytes(wholeMiB(limits.memoryBytes * 0.75)), "what the kernel caches within the limit counts too"),
    setting("work_mem", kilobytes(plan.workMem), "the rest of the limit, divided among all connections"),
    setting("hash_mem_multiplier", hashMemMultiplier, "the default, on which the division of memory rests"),
    setting("maintenance_work_mem", megabytes(plan.maintenanceWorkMem), "a thirty-second part of the limit for each maintenance process"),
    setting("autovacuum_max_workers", plan.maintenanceProcesses - 1, "each may take maintenance_work_mem"),
    setting("max_connections", plan.maxConnections, "one for every 10 MiB of the limit"),
    setting("max_worker_processes", Math.max(plan.parallelWorkers, 1) + 2, "the parallel workers and a few of the server's own"),
    setting("max_parallel_workers", plan.parallelWorkers, "no more than processors, and none in a small container"),
    setting("max_parallel_workers_per_gather", Math.min(plan.parallelWorkers, 2), "one query must not take all workers"),
    setting("max_parallel_maintenance_workers", 0, "they would each take maintenance_work_mem beyond the plan"),
    setting("random_page_cost", 1.1, "the disks are solid state: a random page costs about as much as the next one"),
    setting("wal_buffers", megabytes(plan.walBuffers), "a thirty-second part of shared_buffers, PostgreSQL's own rule"),
    setting("wal_compression", "on", "less to write to disk for a little processor time"),
    setting("max_wal_size", "1GB", "checkpoints follow the clock, not bursts of writes"),
    setting("checkpoint_completion_target", 0.9, "spreads the writes of a checkpoint over the time until the next"),
    setting("password_encryption", "scram-sha-256", "no other form of password is accepted"),
    setting("shared_preload_libraries", "pg_stat_statements", "slow queries are seen there, not in the log"),
    setting("pg_stat_statements.track_utility", "off", "utility statements are kept with their literal values"),
    setting("compute_query_id", "on", "pg_stat_statements needs it"),
    setting("timezone", "UTC", "machines keep UTC"),
    setting("log_timezone", "UTC", "machines keep UTC"),
    setting("log_min_messages", "log", "the sentence of an ERROR quotes what people typed"),
    setting("log_min_error_statement", "panic", "a failing statement may hold personal data"),
    setting("log_error_verbosity", "terse", "DETAIL quotes the row"),
    setting("log_statement", "none", "statements may hold personal data"),
    setting("log_min_duration_statement", -1, "a slow statement may hold personal data; see pg_stat_statements"),
    setting("log_parameter_max_length", 0, "no parameter in the log, even when someone logs statements for a while"),
    setting("log_parameter_max_length_on_error", 0, "no parameter in the log"),
    setting("log_connections", "off", "a connection a second from every pool and probe says nothing"),
    setting("log_disconnections", "off", "see log_connections"),
    setting("log_lock_waits", "on", "names processes and tables, no rows"),
    setting("log_checkpoints", "on", "tells whether max_wal_size is too small"),
    setting("log_line_prefix", "%m [%p] %q%u@%d ", "time, process, role and database"),
  ];
}

/** The settings as arguments of the `postgres` command: `-c key=value` for each. */
export function asArguments(settings: readonly Setting[]): readonly string[] {
  return settings.flatMap(({ key, value }) => ["-c", `${key}=${value}`]);
}

function between(least: number, value: number, most: number): number {
  return Math.min(Math.max(least, value), most);
}

function wholeMiB(bytes: number): number {
  return Math.floor(bytes / MiB) * MiB;
}

function megabytes(bytes: number): string {
  return `${bytes / MiB}MB`;
}

function kilobytes(bytes: number): string {
  return `${bytes / KiB}kB`;
}
