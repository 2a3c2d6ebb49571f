/** Two small environments of one declaration, each with a database and a volume whose files only one user may read. */
import { backedUp, environment, exec, http, image, localAuthority, postgres, replaceableImages, resolveEnvironment, route, service, stack, to, volume, type EnvironmentNode } from "@jlam/compose-dsl";
import { backup, copies, pruning, sets } from "@jlam/backup/stack";
import edge from "@jlam/edge/stack";
import { objectStoreContainer } from "@jlam/object-store";
import { node } from "@jlam/platform";
import { postgresContainer } from "@jlam/postgres";

const promise = backedUp({ loseAtMost: "24h", recoverWithin: "10m" });
const database = postgres("books", { owner: "tests", holds: "medical-data", backup: promise });
const files = volume("files", { holds: "medical-data", backup: promise });

const probing = image(node.name, `${node.repository}:${node.tag}`, { probe: ["node", "-e", "fetch(process.argv[1]).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"] });

const keeper = service("keeper", {
  owner: "tests",
  image: probing,
  command: ["node", "-e", "require('node:http').createServer((_, answer) => answer.end('here')).listen(3000)"],
  ports: { http: 3000 },
  health: http("http", "/"),
  connects: { database: to(database, { because: "a test's" }) },
  mounts: { "/files": files },
  resources: { memory: "96M", cpus: 0.25 },
});

/** Exercised by `exec` alone, so that it shows that a service without a route comes back too. */
const quiet = service("quiet", { owner: "tests", image: probing, command: ["node", "-e", "setInterval(() => undefined, 60_000)"], health: exec(["true"]), resources: { memory: "96M", cpus: 0.25 } });

const declared = (name: "recovery-one" | "recovery-two", range: string, http: number): EnvironmentNode =>
  environment(name, {
    domain: `${name}.localhost`,
    host: { memory: "8G", cpus: 2 },
    range,
    publishing: { address: "127.0.0.1", http, https: http + 1 },
    stacks: [edge, stack("keeper", { services: [keeper, quiet], routes: [route(keeper.ports.http, { host: "@" })] }), backup({ keys: "throw-away" })],
    provides: [
      postgresContainer(database, { memory: "256M", cpus: 1 }),
      objectStoreContainer(sets, { memory: "384M", cpus: 0.5 }, pruning),
      objectStoreContainer(copies, { memory: "384M", cpus: 0.5 }, pruning),
    ],
    certificates: localAuthority(),
    images: replaceableImages,
  });

export const nodes = { "recovery-one": declared("recovery-one", "10.112.0.0/12", 10880), "recovery-two": declared("recovery-two", "10.96.0.0/12", 10890) } as const;
export type Name = keyof typeof nodes;
export const resolved = (name: Name) => resolveEnvironment(nodes[name]);
