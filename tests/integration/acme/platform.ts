/** The small environment on this machine's engine: emitted as every environment is, and booted from those files. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { provideImages } from "../../../tools/jlam/src/images/provide.ts";
import { sourcePolicy } from "../../../tools/jlam/src/images/source.ts";
import { wantedImages } from "../../../tools/jlam/src/images/wanted.ts";
import { compose, projectOf } from "../../../tools/jlam/src/runtime/project.ts";
import { provideSecrets, secretPaths } from "../../../tools/jlam/src/secrets/provide.ts";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { synthesise } from "../../../tools/jlam/src/synth/synthesise.ts";
import { removeEnvironment } from "../../../tools/jlam/src/test/leftovers.ts";
import { say } from "../../../tools/jlam/src/terminal/output.ts";
import { authorityFiles, startAuthority, type Authority } from "./authority.ts";
import { acmeTest } from "./environment.ts";

/** A repository of its own for what is emitted and made: nothing of it is committed. */
const root = join(repositoryRoot, ".jlam", "acme-test");

export interface StoredCertificates {
  /** Of the file, in octal. */
  readonly mode: string;
  readonly user: number;
}

export interface AcmePlatform {
  readonly authority: Authority;
  /** Everything that Traefik has written since its container was made. */
  traefikLog(): Promise<string>;
  restartTraefik(): Promise<void>;
  /** Another container from the same files and volumes. */
  recreateTraefik(): Promise<void>;
  storedCertificates(): Promise<StoredCertificates>;
}

/**
 * Boots the environment and its authority from nothing, with a DNS that refuses the challenge until it is told to answer.
 * @throws Error where an image can't be had, or something doesn't become healthy, with Compose's own words
 */
export async function bootPlatform(pebble: string): Promise<AcmePlatform> {
  await removePlatform();
  const provision = await provideImages(wantedImages(acmeTest), {
    root: repositoryRoot,
    policy: sourcePolicy(process.env["JLAM_IMAGES"]),
    report: (image, line) => say(`image ${image}: ${line}`),
  });
  const [missing] = provision.missing;
  if (missing !== undefined) throw new Error(`no image "${missing.name}" here: ${missing.reason}`);

  const files = await authorityFiles(root);
  const { given } = secretPaths(root, acmeTest.name);
  mkdirSync(given, { recursive: true, mode: 0o700 });
  writeFileSync(join(given, "traefik.ACME_AUTHORITY"), files.certificate, { mode: 0o600 });
  writeFileSync(join(given, "traefik.HTTPREQ_PASSWORD"), files.password, { mode: 0o600 });
  provideSecrets(acmeTest, root, undefined);
  synthesise(acmeTest, { root, check: false, overwrite: false });

  const project = projectOf(acmeTest, root, { variables: provision.env, profiles: [] });
  const run = async (args: readonly string[]): Promise<string> => {
    const result = await compose(project, args, 120_000);
    if (result.failed) throw new Error(`docker compose ${args.join(" ")} failed:\n${result.all}`);
    return result.all;
  };
  // The authority is on Traefik's network, and Traefik asks it as soon as it starts.
  await run(["up", "--no-start"]);
  const authority = await startAuthority(files, { ...provision.env, PEBBLE_IMAGE: pebble });
  await authority.answerChallenge(false);
  await run(["up", "--detach", "--wait"]);

  const node = provision.env["JLAM_IMAGE_NODE"] ?? "docker.io/library/node:24-trixie-slim";
  return {
    authority,
    traefikLog: () => run(["logs", "--no-color", "--no-log-prefix", "traefik"]),
    restartTraefik: async () => void (await run(["restart", "traefik"])),
    recreateTraefik: async () => void (await run(["up", "--detach", "--wait", "--no-deps", "--force-recreate", "traefik"])),
    storedCertificates: async () => {
      const volume = `${project.name}_traefik-acme:/acme:ro`;
      const { stdout } = await execa("docker", ["run", "--rm", "--label", `nl.jlam.environment=${acmeTest.name}`, "--volume", volume, node, "stat", "--format", "%a %u", "/acme/acme.json"]);
      const [mode = "", user = ""] = stdout.split(" ");
      return { mode, user: Number(user) };
    },
  };
}

/** Removes containers (the authority's carry the same label), networks, volumes, secrets and emitted files. */
export async function removePlatform(): Promise<void> {
  await removeEnvironment(acmeTest.name);
  rmSync(root, { recursive: true, force: true });
}
