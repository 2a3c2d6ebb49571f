/** Faults of databases, of what they hold, and of what is told of their backups. */
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@redis/client";
import { tell } from "../acting.ts";
import { smallDisks } from "../disks.ts";
import type { Provocation } from "../ledger.ts";
import type { Platform } from "../platform.ts";
import { after, outOfWindow, stopped } from "./making.ts";

/**
 * Holds a container still. The kernel gives up on freezing after two seconds when one of the processes waits for the
 * disk ("unable to freeze"), so that a busy machine needs to ask more than once.
 */
async function pause(platform: Platform, service: string, tries = 10): Promise<void> {
  try {
    await platform.docker("pause", platform.container(service));
  } catch (error) {
    if (tries === 1) throw error;
    await sleep(1000);
    await pause(platform, service, tries - 1);
  }
}

export const databaseUnreachable: Provocation = {
  how: "pause postgres-books",
  expected: [{ alert: "DatabaseUnreachable", service: "postgres-books", within: 90, overWithin: 90 }],
  provoke: async (platform) => await pause(platform, "postgres-books"),
  relieve: async (platform) => void (await platform.docker("unpause", platform.container("postgres-books"))),
};

/** A table of some 60 MB, which is more than an empty database is. */
const fill = "drop table if exists ballast; create table ballast as select repeat(md5(n::text), 30) as line from generate_series(1, 60000) n; checkpoint;";
const sql = async (platform: Platform, text: string): Promise<void> =>
  void (await platform.docker("exec", platform.container("postgres-books"), "psql", "--username=postgres", "--dbname=books", "--quiet", `--command=${text}`));

const lostRows: Provocation = {
  how: "drop a large table",
  expected: [{ alert: "DataLossSuspected", service: "postgres-books", within: 90, overWithin: 120 }],
  provoke: async (platform) => {
    await sql(platform, fill);
    // Until the exporter has told of it: what nobody saw nobody misses.
    await sleep(40_000);
    await sql(platform, "drop table ballast");
  },
  relieve: async (platform) => await sql(platform, fill),
};

const psql = ["psql", "--username=postgres", "--dbname=books", "--quiet", "--no-align", "--tuples-only"] as const;
const asked = async (platform: Platform, text: string): Promise<string> => await platform.docker("exec", platform.container("postgres-books"), ...psql, `--command=${text}`);

/** All but four: one for the exporter, and three that PostgreSQL keeps for its administrators. */
const heldSessions: Provocation = {
  how: "hold all sessions open but four",
  expected: [{ alert: "DatabaseConnectionsNearLimit", service: "postgres-books", within: after(330), overWithin: 120 }],
  provoke: async (platform) => {
    const most = Number(await asked(platform, "show max_connections"));
    const hold = `for n in $(seq ${most - 4}); do ${psql.join(" ")} --command='select pg_sleep(1800)' & done; wait`;
    await platform.docker("exec", "--detach", platform.container("postgres-books"), "sh", "-c", hold);
  },
  relieve: async (platform) => void (await asked(platform, "select count(pg_terminate_backend(pid)) from pg_stat_activity where query like '%pg_sleep(1800)%' and pid <> pg_backend_pid()")),
};

const oneWay = (first: number, second: number): string => `begin; update crossing set n = n + 1 where id = ${first}; select pg_sleep(2); update crossing set n = n + 1 where id = ${second}; commit;`;

const deadlocks: Provocation = (() => {
  let timer: NodeJS.Timeout | undefined;
  return {
    how: "cross two transactions, once a minute",
    expected: [{ alert: "DatabaseDeadlocks", service: "postgres-books", within: after(360), overWithin: outOfWindow }],
    provoke: async (platform) => {
      await asked(platform, "create table if not exists crossing (id int primary key, n int); insert into crossing values (1, 0), (2, 0) on conflict do nothing");
      // PostgreSQL ends one of the two: that its client complains is the point.
      const cross = (): void => void Promise.allSettled([asked(platform, oneWay(1, 2)), asked(platform, oneWay(2, 1))]);
      cross();
      timer = setInterval(cross, 60_000);
    },
    relieve: async () => await Promise.resolve(clearInterval(timer)),
  };
})();

/** Writes to the carts as the service that keeps them. */
async function toCarts(platform: Platform, write: (client: { set(key: string, value: string): Promise<unknown>; del(keys: string[]): Promise<unknown> }) => Promise<void>): Promise<void> {
  const client = createClient({ url: `${(await platform.address("redis-carts")).replace("http:", "redis:")}:6379`, username: "application", password: platform.password("bookkeeper/CARTS_PASSWORD") });
  client.on("error", () => undefined);
  await client.connect();
  await write(client).finally(() => client.destroy());
}

const ballast = Array.from({ length: 64 }, (_, index) => `ballast-${index}`);

/** Until Redis itself refuses more. */
const fullCache: Provocation = {
  how: "write to a Redis until it refuses",
  expected: [{ alert: "CacheMemoryNearLimit", service: "redis-carts", within: after(600), overWithin: 120 }],
  provoke: async (platform) =>
    await toCarts(platform, async (client) => {
      for (const key of ballast) {
        const refused = await client.set(key, "x".repeat(500_000)).then(() => false, () => true);
        if (refused) break;
      }
    }),
  relieve: async (platform) => await toCarts(platform, async (client) => void (await client.del(ballast))),
};

/** The volume of this Redis is a disk of 64 MB. */
const fullDisk: Provocation = {
  how: "fill the disk of a Redis",
  needs: [smallDisks],
  expected: [{ alert: "CacheNotPersisting", service: "redis-carts", within: after(75), overWithin: 90 }],
  provoke: async (platform) => {
    await platform.docker("exec", platform.container("redis-carts"), "sh", "-c", "cat /dev/zero > /data/ballast 2>/dev/null || true");
    await toCarts(platform, async (client) => void (await client.set("cart", "x".repeat(100_000))));
  },
  relieve: async (platform) => void (await platform.docker("exec", platform.container("redis-carts"), "rm", "/data/ballast")),
};

const ago = (hours: number): string => String(Math.round(Date.now() / 1000 - hours * 3600));

const goodBackups = (): string =>
  `backup_last_success_timestamp_seconds{resource="postgres-books"} ${ago(1)}\nbackup_last_verified_timestamp_seconds{resource="postgres-books"} ${ago(1)}\nbackup_last_copied_timestamp_seconds{resource="postgres-books"} ${ago(1)}\nbackup_changes_late_seconds{resource="postgres-books"} 0\nbackup_last_drill_timestamp_seconds ${ago(24)}\nbackup_drill_recovery_seconds 70\n`;

const staleBackups: Provocation = {
  how: "a set of 26 h, verified 50 h ago, copied 28 h ago, changes ten minutes late, a drill of nine days ago that took 700 s",
  expected: [
    { alert: "BackupTooOld", within: after(330), overWithin: 90 },
    { alert: "BackupUnverified", within: after(330), overWithin: 90 },
    { alert: "BackupNotCopied", within: after(330), overWithin: 90 },
    { alert: "ChangesNotArchived", within: after(330), overWithin: 90 },
    { alert: "DrillOverdue", within: after(330), overWithin: 90 },
    { alert: "RecoveryTooSlow", within: after(30), overWithin: 90 },
  ],
  provoke: async (platform) =>
    await tell(platform, "backup", {
      metrics: `backup_last_success_timestamp_seconds{resource="postgres-books"} ${ago(26)}\nbackup_last_verified_timestamp_seconds{resource="postgres-books"} ${ago(50)}\nbackup_last_copied_timestamp_seconds{resource="postgres-books"} ${ago(28)}\nbackup_changes_late_seconds{resource="postgres-books"} 600\nbackup_last_drill_timestamp_seconds ${ago(9 * 24)}\nbackup_drill_recovery_seconds 700\n`,
    }),
  relieve: async (platform) => await tell(platform, "backup", { metrics: goodBackups() }),
};

const noBackups: Provocation = {
  how: "the backup service tells of no set",
  expected: [{ alert: "BackupMissing", within: after(630), overWithin: 90 }],
  provoke: async (platform) => await tell(platform, "backup", { metrics: "" }),
  relieve: async (platform) => await tell(platform, "backup", { metrics: goodBackups() }),
};

const slowFigures: Provocation = {
  how: "figures that take six seconds",
  expected: [{ alert: "ScrapeNearTimeout", service: "backup", within: after(630), overWithin: 90 }],
  provoke: async (platform) => await tell(platform, "backup", { metricsDelay: 6000 }),
  relieve: async (platform) => await tell(platform, "backup", { metricsDelay: 0 }),
};

export const data: readonly (readonly Provocation[])[] = [
  [lostRows, heldSessions, deadlocks],
  [stopped("redis-carts", [{ alert: "CacheUnreachable", service: "redis-carts", within: 90, overWithin: 90 }]), fullDisk, fullCache],
  [staleBackups, noBackups],
  [slowFigures],
];
