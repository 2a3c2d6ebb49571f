import { containerProvider, credential, exec, image, originOf, service, type Limits, type Provider, type Resource } from "@jlam/compose-dsl";

const redisImage = image("redis", "docker.io/library/redis:8.2");

/** Redis in a container of ours. */
export function redisContainer<const N extends string>(database: Resource<"redis", N>, resources: Limits): Provider<Resource<"redis", N>> {
  const server = service(`redis-${database.name}`, {
    owner: database.owner,
    zone: database.zone,
    holds: database.holds,
    image: redisImage,
    user: "999:1000",
    command: ["redis-server"],
    ports: { redis: 6379 },
    health: exec(["redis-cli", "ping"], { interval: "5s" }),
    secrets: { APPLICATION_PASSWORD: credential(database, "application") },
    resources,
  });
  return containerProvider(database, { service: server, endpoint: server.ports.redis, user: (role) => role }, originOf(redisContainer));
}
