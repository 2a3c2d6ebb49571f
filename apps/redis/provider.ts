/** Who can provide a Redis database: a container of ours. */
import {
  bytes,
  containerProvider,
  coveredBy,
  credential,
  derived,
  exec,
  originOf,
  service,
  text,
  volume,
  type Limits,
  type Provider,
  type Resource,
} from "@jlam/compose-dsl";
import { redisServer } from "@jlam/platform";
import { accessList } from "./access-list.ts";
import { redisConfiguration, type Persistence } from "./configuration.ts";

const port = 6379;
const configurationFile = "/etc/redis/redis.conf";

/**
 * As a user that may PING and nothing else and whose password may be anything; `-e` makes a refusal, such as LOADING
 * after a restart, an exit code.
 */
const ping = ["redis-cli", "-e", "--no-auth-warning", "--user", "health", "--pass", "none", "ping"] as const;

/** Redis in a container of ours, sized from its memory limit. Data survives restarts unless `persistence` says otherwise. */
export function redisContainer<const N extends string>(
  database: Resource<"redis", N>,
  resources: Limits,
  options: { readonly persistence?: Persistence } = {},
): Provider<Resource<"redis", N>> {
  const configuration = redisConfiguration({
    memoryBytes: bytes(resources.memory).bytes,
    persistence: options.persistence ?? "append-only",
    accessListFile: "/run/secrets/ACCESS_LIST",
    port,
  });
  const server = service(`redis-${database.name}`, {
    owner: database.owner,
    zone: database.zone,
    holds: database.holds,
    image: redisServer,
    user: "999:1000",
    command: ["redis-server", configurationFile],
    ports: { redis: port },
    health: exec(ping, { interval: "5s" }),
    secrets: {
      ACCESS_LIST: derived(
        { application: credential(database, "application"), monitoring: credential(database, "monitoring") },
        accessList,
      ),
    },
    mounts: {
      "/data": volume(`redis-${database.name}`, { holds: database.holds, backup: coveredBy(database) }),
      [configurationFile]: text(configuration),
    },
    resources,
  });
  return containerProvider(database, { service: server, endpoint: server.ports.redis, user: (role) => role }, originOf(redisContainer));
}
