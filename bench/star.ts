/** A platform of any size: one database in the middle, services around it, each with an edge to it and a secret. */
import {
  backedUp,
  containerProvider,
  coveredBy,
  credential,
  environment,
  exec,
  file,
  generated,
  image,
  localAuthority,
  originOf,
  override,
  postgres,
  replaceableImages,
  scrape,
  service,
  stack,
  to,
  volume,
  type EnvironmentNode,
  type Resource,
} from "@jlam/compose-dsl";

const program = image("program", "registry.example/program:1.0.0");

/** `size` services around one database: the shape of dependencies that `docker compose config` can still read at 1,000. */
export function star(size: number): EnvironmentNode {
  const database = postgres("middle", {
    owner: "bench",
    holds: "no-personal-data",
    backup: backedUp({ loseAtMost: "24h", recoverWithin: "1h" }),
  });
  const services = Array.from({ length: size }, (_, index) =>
    service(`service-${index}`, {
      owner: "bench",
      image: program,
      ports: { http: 3000, metrics: 9464 },
      health: exec(["true"]),
      connects: { database: to(database, { because: "keeps what it knows there" }) },
      secrets: { KEY: generated({ bytes: 32 }) },
      settings: { KEY_FILE: file("KEY"), LOG_LEVEL: "info", NUMBER: index },
      metrics: scrape("metrics", "/metrics"),
      resources: { memory: "64M", cpus: 0.1 },
    }),
  );
  const first = services[0];
  return environment("bench", {
    domain: "bench.localhost",
    host: { memory: "1T", cpus: 1024 },
    range: "10.0.0.0/8",
    publishing: { address: "127.0.0.1", http: 80, https: 443 },
    stacks: [stack("services", { services })],
    provides: [inContainer(database)],
    certificates: localAuthority(),
    images: replaceableImages,
    overrides: first ? [override(first, { settings: { LOG_LEVEL: "debug" } })] : [],
  });
}

function inContainer<const N extends string>(database: Resource<"postgres", N>) {
  const server = service(`postgres-${database.name}`, {
    owner: "bench",
    zone: "data",
    image: image("postgres", "docker.io/library/postgres:17.7"),
    ports: { postgres: 5432 },
    health: exec(["true"]),
    secrets: { PASSWORD: credential(database, "owner") },
    mounts: { "/data": volume("middle", { holds: "no-personal-data", backup: coveredBy(database) }) },
    resources: { memory: "1G", cpus: 1 },
  });
  return containerProvider(database, { service: server, endpoint: server.ports.postgres, user: (role) => role }, originOf(inContainer));
}
