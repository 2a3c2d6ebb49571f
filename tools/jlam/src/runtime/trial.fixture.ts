/** An environment of its own for tests of `up`: the real edge, a real database, a page, a job and what waits for it, beside whatever else runs here. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../synth/platform.ts";
import { down } from "./down.ts";

export interface Trial {
  readonly root: string;
  readonly environment: string;
  readonly ports: { readonly http: number; readonly https: number };
  /** Takes containers, data and folder away. */
  readonly remove: () => Promise<void>;
}

/** Ports and addresses that no environment of the repository uses. */
const ports = { http: 12_080, https: 12_443 } as const;
const range = "10.224.0.0/12";

const declaration = (name: string) => `
import { backedUp, environment, exec, image, job, localAuthority, postgres, provided, replaceableImages, service, stack, to } from "@jlam/compose-dsl";
import edge from "@jlam/edge/stack";
import { mailCatcher } from "@jlam/mail";
import { outgoingMail } from "@jlam/platform";
import { postgresContainer } from "@jlam/postgres";

const database = postgres("app", { owner: "tests", holds: "medical-data", backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }) });
const program = image("postgres", "docker.io/library/postgres:17.7");
const prepare = job("prepare", {
  owner: "tests",
  image: program,
  user: "999:999",
  // Ends well only with the role's password of now.
  command: ["sh", "-c", "PGPASSWORD=$(cat /run/secrets/DATABASE_PASSWORD) psql --host=postgres-app --username=app_owner --dbname=app --command='select 1'"],
  connects: { database: to(database, { as: "owner", because: "it is what the job is for" }) },
  resources: { memory: "64M", cpus: 0.5 },
});
const prepared = service("prepared", {
  owner: "tests",
  image: program,
  user: "999:999",
  command: ["sleep", "infinity"],
  health: exec(["true"]),
  startsAfter: [prepare.completed],
  secrets: { GREETING: provided("what it says") },
  resources: { memory: "64M", cpus: 0.5 },
  // sleep doesn't listen to a request to stop.
  stopGrace: "1s",
});

export default environment(${JSON.stringify(name)}, {
  domain: "jlam.localhost",
  host: { memory: "8G", cpus: 2 },
  range: ${JSON.stringify(range)},
  publishing: { address: "127.0.0.1", http: ${ports.http}, https: ${ports.https} },
  stacks: [edge, stack("chores", { services: [prepare, prepared] })],
  provides: [postgresContainer(database, { memory: "256M", cpus: 1 }), mailCatcher(outgoingMail)],
  certificates: localAuthority(),
  images: replaceableImages,
});
`;

/** Makes a repository beside ours that has the same apps, libraries and recipes, and one environment. `written` is its declaration by its name. */
export function makeTrial(written: (name: string) => string = declaration): Trial {
  const environment = `trial-${process.pid}`;
  const root = mkdtempSync(join(tmpdir(), "jlam-trial-"));
  for (const shared of [".node-version", "apps", "libs", "node_modules", "tools", "package.json"]) symlinkSync(join(repositoryRoot, shared), join(root, shared));
  mkdirSync(join(root, "environments", environment), { recursive: true });
  writeFileSync(join(root, "environments", environment, "environment.ts"), written(environment));
  const remove = async (): Promise<void> => {
    await down({ environment, root, removeVolumes: async () => true });
    rmSync(root, { recursive: true });
  };
  return { root, environment, ports, remove };
}
