/** Who tells Prometheus about what speaks no Prometheus: databases, the host, the containers. */
import { credential, derived, directory, exec, from, hostPath, http, image, resourceId, scrape, service, text, to, type Provider, type Resource, type ServiceNode, type Surroundings } from "@jlam/compose-dsl";
import type { Budget } from "./budget.ts";
import { dailyCosts, type Costs } from "./costs.ts";
import { nobody, operations, wget } from "./shared.ts";

/** What must page within 30 seconds is read every ten. */
const often = { interval: "10s" } as const;

const isOf = <K extends "postgres" | "redis">(resource: Resource, kind: K): resource is Resource<K> => resource.kind === kind;

/** One for each database, with the login that sees statistics and no row. */
function postgresExporter(database: Resource<"postgres">, budget: Budget): ServiceNode {
  return service(`${resourceId(database)}-exporter`, {
    ...operations,
    owner: database.owner,
    image: image("postgres-exporter", "docker.io/prometheuscommunity/postgres-exporter:v0.17.1", { probe: wget }),
    user: nobody,
    command: ["--no-collector.wal", "--collector.long_running_transactions"],
    ports: { metrics: 9187 },
    health: http("metrics", "/"),
    connects: { database: to(database, { as: "monitoring", because: "reads its statistics", wait: false }) },
    settings: {
      // Address and name come from the variables of PostgreSQL's own clients; this only says that there is one database.
      DATA_SOURCE_URI: "/",
      DATA_SOURCE_USER: from("database", "user"),
      DATA_SOURCE_PASS_FILE: from("database", "passwordFile"),
      PGHOST: from("database", "host"),
      PGPORT: from("database", "port"),
      PGDATABASE: from("database", "name"),
      PGSSLMODE: from("database", "sslmode"),
      PGSSLROOTCERT: from("database", "caFile"),
      // Less than a scrape may take: a server that hangs must not make the exporter hang (its default is a minute).
      PG_EXPORTER_COLLECTION_TIMEOUT: "5s",
    },
    metrics: scrape("metrics", "/metrics", often),
    resources: budget.exporter,
  });
}

function redisExporter(database: Resource<"redis">, { binding }: Provider, budget: Budget): ServiceNode {
  const { address } = binding;
  const [host, port] = address.kind === "container" ? [address.endpoint.service, address.endpoint.number] : [address.host, address.port];
  const user = binding.user("monitoring") ?? "default";
  return service(`${resourceId(database)}-exporter`, {
    ...operations,
    owner: database.owner,
    // Alpine's variant, since the other has nothing with which it could be asked how it is.
    image: image("redis-exporter", "docker.io/oliver006/redis_exporter:v1.69.0-alpine", { probe: wget }),
    user: "59000:59000",
    ports: { metrics: 9121 },
    health: http("metrics", "/"),
    connects: { database: to(database, { as: "monitoring", because: "reads its statistics", wait: false }) },
    // The exporter wants a table from addresses to passwords; its key holds the user (exporter/redis.go, LookupPasswordInPasswordFile).
    secrets: {
      PASSWORDS: derived({ password: credential(database, "monitoring") }, ({ password }) => JSON.stringify({ [`redis://${user}@${host}:${port}`]: password })),
    },
    settings: {
      REDIS_ADDR: `redis://${host}:${port}`,
      REDIS_USER: user,
      REDIS_PASSWORD_FILE: "/run/secrets/PASSWORDS",
      // Commands beyond INFO that its login may not give would fill Redis' log of refusals.
      REDIS_EXPORTER_INCL_SYSTEM_METRICS: false,
    },
    metrics: scrape("metrics", "/metrics", often),
    resources: budget.exporter,
  });
}

/** An exporter for every database around, whoever provides it. */
export function databaseExporters({ providers }: Surroundings, budget: Budget): readonly ServiceNode[] {
  return providers.flatMap((provider): readonly ServiceNode[] => {
    const { provides } = provider;
    if (isOf(provides, "postgres")) return [postgresExporter(provides, budget)];
    if (isOf(provides, "redis")) return [redisExporter(provides, provider, budget)];
    return [];
  });
}

/** The host's memory, disks and clock; and figures that others leave as files. */
export const nodeExporter = (budget: Budget, costs: Costs, managed: readonly string[]) =>
  service("node-exporter", {
    ...operations,
    image: image("node-exporter", "docker.io/prom/node-exporter:v1.9.0", { probe: wget }),
    user: nobody,
    command: [
      "--path.rootfs=/host",
      "--path.procfs=/host/proc",
      "--path.sysfs=/host/sys",
      "--collector.filesystem.mount-points-exclude=^/(dev|proc|run|sys|var/lib/docker/.+)($|/)",
      "--collector.textfile.directory=/textfiles",
      // Of the container, not of the host: it has a network of its own.
      "--no-collector.netdev",
      "--no-collector.netstat",
      "--no-collector.netclass",
      "--no-collector.sockstat",
      // On in Debian's build, off in the official one; it would ask a bus that no container has.
      "--no-collector.systemd",
    ],
    ports: { metrics: 9100 },
    health: http("metrics", "/"),
    mounts: {
      "/host": hostPath("/", { because: "disks are measured where they are mounted" }),
      "/textfiles": directory({ "costs.prom": text(dailyCosts(costs, managed)) }),
    },
    exceptions: { "no-host-path": "what it measures is the host; it can only read, as a user without rights" },
    metrics: scrape("metrics", "/metrics"),
    resources: budget.exporter,
  });

/** What each container uses, and which of them the kernel killed. */
export const cadvisor = (budget: Budget) =>
  service("cadvisor", {
    ...operations,
    image: image("cadvisor", "ghcr.io/google/cadvisor:0.60.5", { registryOnly: true, probe: wget }),
    user: "0:0",
    command: [
      "--docker_only=true",
      "--store_container_labels=false",
      // With all labels each restart would begin new series (google/cadvisor#1312), and nothing could be counted.
      "--whitelisted_container_labels=nl.jlam.service",
      "--housekeeping_interval=15s",
      "--disable_metrics=disk,diskIO,hugetlb,memory_numa,network,percpu,process,referenced_memory,resctrl,sched,tcp,udp,advtcp,cpu_topology,cpuset",
    ],
    ports: { http: 8080 },
    health: exec([...wget, "http://127.0.0.1:8080/healthz"], { interval: "30s" }),
    mounts: {
      "/rootfs": hostPath("/", { because: "finds out which container a group of processes is" }),
      "/var/run": hostPath("/var/run", { because: "asks Docker for the names of containers" }),
      "/sys": hostPath("/sys", { because: "reads the kernel's counts of each group" }),
      "/var/lib/docker": hostPath("/var/lib/docker", { because: "reads which layers a container has" }),
    },
    exceptions: {
      "non-root": "Docker's directory and the kernel's counts are root's; it keeps no capability",
      "no-host-path": "what it measures is the host; it can only read",
    },
    metrics: scrape("http", "/metrics"),
    resources: budget.cadvisor,
  });
