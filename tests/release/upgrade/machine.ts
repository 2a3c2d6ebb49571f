/** The host whose database is upgraded, and the repository whose environment is on it. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JournalEntry } from "../../../tools/jlam/src/release/journal/entry.ts";
import { readJournal } from "../../../tools/jlam/src/release/journal/journal.ts";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { makeHost, type TestHost } from "../bed/host.ts";
import { once } from "../bed/load.ts";
import { startRegistry } from "../bed/registry.ts";
import { makeRepository, type Said, type TestRepository } from "../bed/repository.ts";
import { upgradeImages, type UpgradeImages } from "./images.ts";

export const environmentName = "staging";
const domain = "bed.test";

/** What a release is made of, beside what is always the same. */
export interface Versions {
  readonly postgres: string;
  readonly keeper: string;
}

export interface UpgradeMachine {
  readonly host: TestHost;
  readonly repository: TestRepository;
  /** What the two servers say their version is. */
  readonly postgres: UpgradeImages["postgres"];
  readonly jlam: (...args: readonly string[]) => Promise<Said>;
  /** The same with the options by which the host is reached. */
  readonly jlamThere: (...args: readonly string[]) => Promise<Said>;
  /** Changes the tags where they are written, commits that, and makes a release of it; returns its id. */
  readonly build: (versions: Versions) => Promise<string>;
  /** What the application tells of its database, over TLS. */
  readonly visit: () => Promise<{ readonly status: number; readonly body: string }>;
  /** Runs SQL in the database as its owner, and returns what psql prints. */
  readonly sql: (text: string) => Promise<string>;
  /** A command in the running copy of a service. */
  readonly inside: (service: string, ...command: readonly string[]) => Promise<string>;
  readonly remove: () => Promise<void>;
}

/** Makes everything; what was made is removed where something can't be. */
export async function makeUpgradeMachine(): Promise<UpgradeMachine> {
  const registry = await startRegistry();
  const removals = [() => registry.remove()];
  const remove = async (): Promise<void> => {
    for (const removal of removals.toReversed()) await removal();
  };
  try {
    const images = await upgradeImages(registry);
    removals.push(images.remove);
    const host = await makeHost({ number: 5, registryPort: registry.port });
    removals.push(host.remove);
    const repository = await makeRepository({
      registry: registry.name,
      lock: images.lock,
      platform: join(import.meta.dirname, "platform.ts"),
      furnish: async (root) => {
        furnish(root);
        writeVersions(root, { postgres: images.postgres.older, keeper: "2026.1" });
      },
      environments: [{ name: environmentName, domain, range: "10.224.0.0/12", knownHosts: readFileSync(host.destination.knownHosts, "utf8") }],
    });
    removals.push(async () => repository.remove());
    const { root, pocket } = repository;
    const jlam: UpgradeMachine["jlam"] = (...args) => repository.jlam("bram", args);
    const inside: UpgradeMachine["inside"] = (service, ...command) => host.run("docker", ["exec", `jlam-${environmentName}-${service}-1`, ...command]);
    // The first deploy issues it.
    const authority = (): string => readFileSync(join(root, ".jlam/certificates", domain, "authority.pem"), "utf8");
    return {
      host,
      repository,
      postgres: images.postgres,
      jlam,
      jlamThere: (...args) => jlam(...args, "--host", host.destination.address, "--identity", host.destination.identity ?? ""),
      async build(versions) {
        writeVersions(root, versions);
        const synthesised = await jlam("synth");
        if (synthesised.exitCode !== 0) throw new Error(synthesised.stderr);
        await repository.commit("bram", `PostgreSQL ${versions.postgres}, Keeper ${versions.keeper}`);
        const digests = join(pocket, "digests.json");
        writeFileSync(digests, JSON.stringify(images.own));
        const built = await repository.jlam("ci", ["release", "build", "--digests", digests]);
        if (built.exitCode !== 0) throw new Error(built.stderr);
        return built.stdout.trim();
      },
      visit: () => once({ domain, path: "/notes", ca: authority(), servername: domain, lookup: (_, options, done) => (options.all === true ? done(null, [{ address: host.address, family: 4 }]) : done(null, host.address, 4)) }),
      sql: (text) => inside("postgres-app", "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--username=app_owner", "--dbname=app", `--command=${text}`),
      inside,
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The provider of PostgreSQL is a part of this repository: whoever upgrades changes its tag. */
function furnish(root: string): void {
  cpSync(join(repositoryRoot, "apps/postgres"), join(root, "apps/postgres"), { recursive: true, filter: (source) => !source.includes("node_modules") });
  mkdirSync(join(root, "environments/node_modules/@jlam"), { recursive: true });
  symlinkSync(join(root, "apps/postgres"), join(root, "environments/node_modules/@jlam/postgres"));
}

function writeVersions(root: string, { postgres, keeper }: Versions): void {
  writeTag(join(root, "apps/postgres/provider.ts"), "docker.io/library/postgres", postgres);
  writeTag(join(root, "environments/platform.ts"), "docker.io/jlam-test/keeper", keeper);
}

/** Changes an image's tag in a file. @throws Error where the file names no such image */
function writeTag(file: string, image: string, tag: string): void {
  const text = readFileSync(file, "utf8");
  const changed = text.replace(new RegExp(`(?<="${image}:)[^"]+`), tag);
  if (!changed.includes(`"${image}:${tag}"`)) throw new Error(`${file} names no ${image}`);
  writeFileSync(file, changed);
}

/** The journal as the host has it, oldest entry first. */
export const journalOn = async (host: TestHost): Promise<readonly JournalEntry[]> => readJournal(environmentName, await host.run("cat", [`/srv/jlam/${environmentName}/journal.jsonl`])).entries;
