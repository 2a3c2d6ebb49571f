/** The images of the upgraded host: two minor versions of PostgreSQL, two releases of the keeper, and the platform's own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { resolveEnvironment, type Image, type RegistryImage } from "@jlam/compose-dsl";
import { node } from "@jlam/platform";
import { certificateBundle } from "../../../tools/jlam/src/images/docker.ts";
import { provideImages } from "../../../tools/jlam/src/images/provide.ts";
import { sourcePolicy } from "../../../tools/jlam/src/images/source.ts";
import { wantedImage } from "../../../tools/jlam/src/images/wanted.ts";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { bundlePrograms, platformImages, testLabel } from "../bed/images.ts";
import type { TestRegistry } from "../bed/registry.ts";
import { place } from "./platform.ts";

type Digest = `sha256:${string}`;

export interface UpgradeImages {
  /** Digests of the images that aren't ours, by reference, every version of them. */
  readonly lock: Readonly<Record<string, Digest>>;
  /** Digests of our own, as `jlam release build --digests` reads them. */
  readonly own: Readonly<Record<string, Digest>>;
  /** What the two servers say their version is. */
  readonly postgres: { readonly older: string; readonly newer: string };
  /** Takes them from this machine's engine; the registry keeps its own. */
  readonly remove: () => Promise<void>;
}

/** Releases of the keeper, oldest first. */
const keepers = ["2026.1", "2026.2"] as const;

/** Long enough to fetch a server from a package registry and to build on it, on a busy machine. Milliseconds. */
const buildLimit = 300_000;

/** Builds what has to be built, and pushes everything. */
export async function upgradeImages(registry: TestRegistry): Promise<UpgradeImages> {
  const wanted = imagesOf(registry.name);
  const isMade = ({ name }: Image): boolean => name === "postgres" || name === "keeper";
  const { lock, local } = await platformImages(registry, [node, ...wanted.filter((image): image is RegistryImage => image.kind === "registry" && !isMade(image))]);
  const provision = await provideImages(wanted.filter(({ name }) => name === "postgres" || name === "backup").map(wantedImage), { root: repositoryRoot, policy: sourcePolicy(process.env["JLAM_IMAGES"]), report: () => undefined });
  const [missing] = provision.missing;
  if (missing) throw new Error(`no image "${missing.name}" here: ${missing.reason}`);
  const here = (name: string): string => provision.images.find((image) => image.name === name)?.reference ?? "";

  const folder = mkdtempSync(join(tmpdir(), "jlam-upgrade-images-"));
  try {
    const older = await built("postgres", join(import.meta.dirname, "older-postgres"), { BASE: here("postgres"), NODE: local["node"] ?? "" });
    const versions = { older: await versionOf(older), newer: await versionOf(here("postgres")) };
    if (!isWithinMajor(versions)) throw new Error(`PostgreSQL ${versions.newer} doesn't follow ${versions.older} within a major`);
    await fillWithPrograms(folder);
    const program = (version: string): Promise<string> => built(`program-${version}`, folder, { NODE_IMAGE: local["node"] ?? "", VERSION: version });
    const pushed: [string, Digest][] = [
      [`docker.io/library/postgres:${versions.older}`, await registry.push(older, `library/postgres:${versions.older}`)],
      [`docker.io/library/postgres:${versions.newer}`, await registry.push(here("postgres"), `library/postgres:${versions.newer}`)],
    ];
    for (const version of keepers) pushed.push([`docker.io/jlam-test/keeper:${version}`, await registry.push(await program(version), `jlam-test/keeper:${version}`)]);
    return {
      lock: { ...lock, ...Object.fromEntries(pushed) },
      own: {
        [`${registry.name}/jlam/app:release`]: await registry.push(await program("1"), "jlam/app:upgrade"),
        [`${registry.name}/jlam/backup:release`]: await registry.push(here("backup"), "jlam/backup:upgrade"),
      },
      postgres: versions,
      remove: async () => void (await execa("docker", ["image", "rm", "--force", ...["postgres", "program-1", ...keepers.map((version) => `program-${version}`)].map(tagOf)], { reject: false })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The images that the environment asks for, one of each name. */
function imagesOf(registry: string): readonly Image[] {
  const { services } = resolveEnvironment(place("staging", { domain: "bed.test", range: "10.224.0.0/12", registry, lock: {}, sealed: { secrets: {} } }));
  return [...new Map([...services.values()].map(({ node: { image } }) => [image.name, image])).values()];
}

const tagOf = (name: string): string => `jlam-test/upgrade:${name}`;

async function built(name: string, folder: string, values: Readonly<Record<string, string>>): Promise<string> {
  const given = Object.entries(values).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]);
  await execa("docker", ["buildx", "build", "--provenance=false", "--load", "--quiet", "--tag", tagOf(name), "--secret", `id=ca,src=${certificateBundle()}`, ...given, folder], { timeout: buildLimit });
  return tagOf(name);
}

/** `postgres (PostgreSQL) 17.9 (Debian …)` says it. */
async function versionOf(image: string): Promise<string> {
  const { stdout } = await execa("docker", ["run", "--rm", "--label", testLabel, "--network", "none", "--entrypoint", "postgres", image, "--version"], { timeout: 60_000 });
  const version = /\(PostgreSQL\) (\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`no version in: ${stdout}`);
  return version;
}

function isWithinMajor({ older, newer }: UpgradeImages["postgres"]): boolean {
  const [[major, minor = 0], [otherMajor, otherMinor = 0]] = [older.split(".").map(Number), newer.split(".").map(Number)];
  return major === otherMajor && otherMinor > minor;
}

/** What the images of application and keeper are built from: the same programs, and which version they are. */
async function fillWithPrograms(folder: string): Promise<void> {
  const programs = join(folder, "programs");
  mkdirSync(programs);
  await bundlePrograms([...["server", "keeper"].map((name) => join(import.meta.dirname, "application", `${name}.ts`)), join(import.meta.dirname, "../bed/application/probe.ts")], programs);
  writeFileSync(
    join(folder, "Dockerfile"),
    ["ARG NODE_IMAGE", "FROM ${NODE_IMAGE}", `LABEL ${testLabel}`, "WORKDIR /app", "COPY programs /app/", "ARG VERSION", "RUN echo ${VERSION} > /app/version", "USER 1000:1000", "ENTRYPOINT []", 'CMD ["node", "/app/server.js"]', ""].join("\n"),
  );
}
