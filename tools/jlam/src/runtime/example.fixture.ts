/** A small environment for tests: a database, a job that prepares it, a program that waits for both, one that may be left out, one that stands in. */
import { environment, exec, image, job, localAuthority, replaceableImages, resolveEnvironment, service, stack, type ResolvedEnvironment, type ResolvedService } from "@jlam/compose-dsl";
import type { ContainerState } from "./containers.ts";

const common = { owner: "tests", resources: { memory: "64M", cpus: 0.5 } } as const;
const db = service("db", { ...common, image: image("db", "example.org/db:1"), ports: { db: 5432 }, health: exec(["true"]) });
const migrate = job("migrate", { ...common, image: image("web", "example.org/web:1"), startsAfter: [db.healthy] });
const web = service("web", { ...common, image: image("web", "example.org/web:1"), ports: { http: 80 }, health: exec(["true"]), startsAfter: [migrate.completed] });
const extra = service("extra", { ...common, image: image("extra", "example.org/extra:1", { registryOnly: true }) });
const beside = service("beside", { ...common, image: image("beside", "example.org/beside:1", { registryOnly: true }), health: exec(["true"]) });
const standIn = service("stand-in", { ...common, image: image("web", "example.org/web:1"), health: exec(["true"]), standsInFor: ["beside"] });

export const example: ResolvedEnvironment = resolveEnvironment(
  environment("example", {
    domain: "example.localhost",
    host: { memory: "1G", cpus: 1 },
    range: "10.208.0.0/12",
    publishing: { address: "127.0.0.1", http: 8080, https: 8443 },
    stacks: [stack("data", { services: [db] }), stack("site", { services: [migrate, web] }), stack("more", { services: [extra, beside, standIn] })],
    provides: [],
    certificates: localAuthority(),
    images: replaceableImages,
  }),
);

/** A service of the example. */
export function exampleService(name: string): ResolvedService {
  const found = example.services.get(name);
  if (found === undefined) throw new RangeError(`The example has no service "${name}".`);
  return found;
}

/** A healthy container of a service, begun at second 1,000 of 1970, with whatever a test needs to be different. */
export const containerOf = (service: string, changes: Partial<ContainerState> = {}): ContainerState => ({
  id: `id-${service}`,
  name: `jlam-example-${service}-1`,
  service,
  image: `example.org/${service}:1`,
  imageId: "sha256:1",
  status: "running",
  health: "healthy",
  healthOutput: "",
  exitCode: 0,
  outOfMemory: false,
  restarts: 0,
  created: 1_000_000,
  started: 1_000_000,
  finished: undefined,
  configurationHash: `hash-${service}`,
  labels: {},
  published: [],
  error: "",
  ...changes,
});
