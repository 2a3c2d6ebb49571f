/** Databases: reachable, roomy, and with everything that was in them. */
import { postgres, redis } from "../catalogue/data.ts";
import { blackbox } from "../catalogue/edge.ts";
import { scraped } from "../catalogue/own.ts";
import { above, absent, below, both, dividedBy, either, equals, maxBy, maxOver, rate, select, sumBy, times, unless } from "../expression/expression.ts";
import type { Watched } from "../watched/watched.ts";
import { probeJob } from "./availability.ts";
import { everywhere, type Condition, type Definition } from "./definition.ts";
import { inWords, thresholds } from "./threshold.ts";

const { pg_up: pgUp, pg_scrape_collector_success: collected, pg_database_size_bytes: size, pg_stat_activity_count: connections, pg_settings_max_connections: mostConnections } = postgres.metrics;
const { up } = scraped.metrics;
const exporter = { exporter: "postgres" } as const;

/** Databases of ours, without those that every server has. */
const ours = select(size, { datname: { matchesNot: "template.*|postgres" } });
const databases = ({ databases: names }: Watched): readonly string[] => names;
const caches = ({ caches: names }: Watched): readonly string[] => names;

/**
 * Four signals, since each fails to see something: the exporter's own word, whether it answers, whether it could ask
 * anything (pg_up can stay 1 while it can no longer sign in: prometheus-community/postgres_exporter#1120), and whether
 * the port takes connections.
 */
const unreachable = (service: string): readonly Condition[] => {
  const answered = select(collected, { service, collector: "database" });
  const answers = equals(select(up, { ...exporter, service }), 1);
  return [
    {
      expression: either(
        either(equals(maxBy(["service"], select(pgUp, { service })), 0), equals(maxBy(["service"], select(up, { ...exporter, service })), 0)),
        either(
          maxBy(["service"], unless(answers, equals(answered, 1), { on: ["service"] })),
          equals(maxBy(["service"], select(blackbox.metrics.probe_success, { job: probeJob("tcp"), service })), 0),
        ),
      ),
      labels: { service },
    },
  ];
};

const postgresCommands: Definition["commands"] = ({ environment, service }) => [
  `./jlam status ${environment}`,
  `./jlam logs ${environment} ${service} --since 10m`,
  `./jlam psql ${service.replace(/^postgres-/, "")} --environment ${environment} --role monitoring -- -c "select state, count(*) from pg_stat_activity group by 1"`,
];
const redisCommands: Definition["commands"] = ({ environment, service }) => [`./jlam status ${environment}`, `./jlam logs ${environment} ${service} --since 10m`, `docker stats --no-stream jlam-${environment}-${service}-1`];

export const data: readonly Definition[] = [
  {
    name: "DatabaseUnreachable",
    severity: "P1",
    category: "data",
    means: "down",
    overrules: ["ServiceUnreachable", "TargetDown"],
    for: "30s",
    summary: "the database {{ $labels.service }} can't be reached",
    meaning: "The server is stopped, hangs, refuses logins, or the way to it is cut. What needs it keeps silent while this fires. With a managed database, look at the provider's page first.",
    commands: postgresCommands,
    over: "`./jlam psql` opens a session, and the services that need it are healthy again",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a database is paused" },
    about: databases,
    when: (watched) => watched.databases.flatMap(unreachable),
  },
  {
    name: "DatabaseUnwatched",
    severity: "P1",
    category: "data",
    for: "2m",
    summary: "nothing tells whether the database {{ $labels.service }} is there",
    meaning: "Its exporter has no series in Prometheus, so that DatabaseUnreachable could not fire.",
    commands: postgresCommands,
    over: "the exporter's series are back",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "Prometheus gets a configuration without the database's exporter" },
    about: databases,
    when: (watched) => watched.databases.map((service) => ({ expression: absent(select(up, { ...exporter, service })), labels: { service } })),
  },
  {
    name: "DatabaseConnectionsNearLimit",
    severity: "P2",
    category: "data",
    threshold: thresholds.connectionsUsed,
    for: "5m",
    summary: `{{ $labels.service }} has more than ${inWords(thresholds.connectionsUsed)} of its connections in use`,
    meaning: "Soon new sessions are refused. Usually a pool is too large, or sessions are left idle in a transaction.",
    commands: postgresCommands,
    over: "the share falls below the line",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "nine in ten of the connections are held open" },
    about: databases,
    when: everywhere(above(dividedBy(sumBy(["service"], select(connections)), maxBy(["service"], select(mostConnections))), thresholds.connectionsUsed.value)),
  },
  {
    name: "DatabaseDeadlocks",
    severity: "P2",
    category: "data",
    for: "5m",
    summary: "{{ $labels.service }} breaks deadlocks",
    meaning: "Two transactions wait for each other and PostgreSQL ends one: somebody's change was refused. Look which statements lock in different orders.",
    commands: postgresCommands,
    over: "the counter stands still for ten minutes",
    dashboard: "application-performance",
    provoke: { how: "fault", fault: "transactions cross, again and again" },
    about: databases,
    when: everywhere(above(sumBy(["service"], rate(select(postgres.metrics.pg_stat_database_deadlocks), "5m")), 0)),
  },
  {
    name: "DataLossSuspected",
    severity: "P1",
    category: "data",
    threshold: thresholds.databaseShrunk,
    for: "0s",
    summary: "{{ $labels.datname }} is less than half of what it was within the hour",
    meaning: "A table was dropped or emptied. Unless somebody planned it, stop the service that writes before anything else: every minute of writing makes a restore harder.",
    commands: ({ environment, service }) => [
      `./jlam status ${environment}`,
      `./jlam psql ${service.replace(/^postgres-/, "")} --environment ${environment} --role monitoring -- -c "select relname, n_live_tup, n_tup_del from pg_stat_user_tables order by n_tup_del desc limit 10"`,
      `./jlam logs ${environment} ${service} --since 2h`,
    ],
    over: "the data is back or its loss is explained; the alert ends an hour after the size settles",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a large table is dropped" },
    about: databases,
    when: everywhere(
      both(below(ours, times(thresholds.databaseShrunk.value, maxOver(ours, "1h"))), above(maxOver(ours, "1h"), thresholds.databaseLeast.value)),
    ),
  },
  {
    name: "CacheUnreachable",
    severity: "P1",
    category: "data",
    means: "down",
    overrules: ["ServiceUnreachable", "TargetDown"],
    for: "30s",
    summary: "Redis {{ $labels.service }} can't be reached",
    meaning: "Nobody can sign in, and who is signed in is treated as a stranger. What needs it keeps silent while this fires.",
    commands: redisCommands,
    over: "`./jlam status` calls it healthy, and signing in works",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a Redis is stopped" },
    about: caches,
    when: (watched) =>
      watched.caches.map((service) => ({
        expression: either(
          equals(maxBy(["service"], select(redis.metrics.redis_up, { service })), 0),
          equals(maxBy(["service"], select(blackbox.metrics.probe_success, { job: probeJob("tcp"), service })), 0),
        ),
        labels: { service },
      })),
  },
  {
    name: "CacheMemoryNearLimit",
    severity: "P2",
    category: "data",
    threshold: thresholds.cacheMemory,
    for: "10m",
    summary: `{{ $labels.service }} uses more than ${inWords(thresholds.cacheMemory)} of its memory`,
    meaning: "At the limit Redis refuses writes: nobody could sign in any more. Sessions don't expire, or there are more than the limit was made for.",
    commands: redisCommands,
    over: "the share falls below the line",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a Redis is filled to nineteen twentieths" },
    about: caches,
    when: everywhere(
      above(dividedBy(select(redis.metrics.redis_memory_used_bytes), above(select(redis.metrics.redis_memory_max_bytes), 0)), thresholds.cacheMemory.value),
    ),
  },
  {
    name: "CacheNotPersisting",
    severity: "P2",
    category: "data",
    for: "1m",
    summary: "{{ $labels.service }} can't write to its disk",
    meaning: "What it holds is in memory only: a restart signs everybody out. Usually its volume is full.",
    commands: redisCommands,
    over: "the last write succeeded",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "the disk of a Redis is full" },
    about: caches,
    when: everywhere(equals(select(redis.metrics.redis_aof_last_write_status), 0)),
  },
];
