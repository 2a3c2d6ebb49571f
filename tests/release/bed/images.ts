/** The images of the test bed: the platform's own for everything real, and the small application in any version and mode. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { execa } from "execa";
import type { RegistryImage } from "@jlam/compose-dsl";
import { provideImages } from "../../../tools/jlam/src/images/provide.ts";
import { sourcePolicy } from "../../../tools/jlam/src/images/source.ts";
import { wantedImage } from "../../../tools/jlam/src/images/wanted.ts";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import type { TestRegistry } from "./registry.ts";

/** How a version of the application is. `good` serves; application/server.ts says what the others do. */
export type Mode = "good" | "crash" | "unhealthy" | "slow-start" | "slow" | "fails" | "fails-later" | "hungry" | "bad-migration";

/** By which the images that a test made are found again, and removed. */
export const testLabel = "nl.jlam.test=release-bed";

export interface ApplicationImages {
  /** Builds and pushes a version; returns its digest in the registry. */
  readonly make: (version: number, mode?: Mode) => Promise<`sha256:${string}`>;
  readonly remove: () => Promise<void>;
}

/** Bundles the application's programs into a folder; what it copies into an image beside them are `version` and `mode`. */
export const bundleApplication = (folder: string): Promise<void> => bundlePrograms(["server", "migrate", "probe"].map((name) => join(import.meta.dirname, "application", `${name}.ts`)), folder);

/** Bundles programs into a folder, each into a file of its own name. */
export async function bundlePrograms(entryPoints: readonly string[], folder: string): Promise<void> {
  await build({
    entryPoints: [...entryPoints],
    outdir: folder,
    entryNames: "[name]",
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
    // pg loads its native binding only when it is asked for, and it never is.
    external: ["pg-native"],
    logLevel: "error",
  });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}\n');
}

/** Bundles the application once; each version is a layer with two files. Nothing runs while it is built, which is slow. */
export async function applicationImages(registry: TestRegistry, node: string): Promise<ApplicationImages> {
  const folder = mkdtempSync(join(tmpdir(), "jlam-bed-application-"));
  await bundleApplication(folder);
  writeFileSync(
    join(folder, "Dockerfile"),
    ["ARG NODE_IMAGE", "FROM ${NODE_IMAGE}", `LABEL ${testLabel}`, "WORKDIR /app", "COPY package.json *.js /app/", "ARG KEY", "COPY ${KEY} /app/", "USER 1000:1000", "ENTRYPOINT []", 'CMD ["node", "/app/server.js"]', ""].join("\n"),
  );
  const made = new Map<string, Promise<`sha256:${string}`>>();
  const make = async (version: number, mode: Mode): Promise<`sha256:${string}`> => {
    const key = `${version}-${mode}`;
    const tag = `jlam-test/bed:${key}`;
    mkdirSync(join(folder, key), { recursive: true });
    writeFileSync(join(folder, key, "version"), String(version));
    writeFileSync(join(folder, key, "mode"), mode);
    await execa("docker", ["buildx", "build", "--provenance=false", "--load", "--quiet", "--tag", tag, "--build-arg", `NODE_IMAGE=${node}`, "--build-arg", `KEY=${key}`, folder], { timeout: 120_000 });
    return await registry.push(tag, `jlam/app:${key}`);
  };
  return {
    make(version, mode = "good") {
      const key = `${version}-${mode}`;
      const known = made.get(key) ?? make(version, mode);
      made.set(key, known);
      return known;
    },
    async remove() {
      const { stdout } = await execa("docker", ["image", "ls", "--quiet", "--filter", `label=${testLabel}`]);
      const ids = [...new Set(stdout.split("\n").filter((id) => id !== ""))];
      if (ids.length > 0) await execa("docker", ["image", "rm", "--force", ...ids], { reject: false });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Puts the platform's images into the registry under their official names; returns the lock, and what each is called here. */
export async function platformImages(registry: TestRegistry, images: readonly RegistryImage[]): Promise<{ readonly lock: Readonly<Record<string, `sha256:${string}`>>; readonly local: Readonly<Record<string, string>> }> {
  const wanted = images.map(wantedImage);
  const provision = await provideImages(wanted, { root: repositoryRoot, policy: sourcePolicy(process.env["JLAM_IMAGES"]), report: () => undefined });
  const [missing] = provision.missing;
  if (missing !== undefined) throw new Error(`no image "${missing.name}" here: ${missing.reason}`);
  const lock: Record<string, `sha256:${string}`> = {};
  const local: Record<string, string> = {};
  for (const [index, { repository, tag, name }] of images.entries()) {
    const here = provision.env[wanted[index]?.variable ?? ""] ?? `${repository}:${tag}`;
    local[name] = here;
    lock[`${repository}:${tag}`] = await registry.push(here, `${repository.replace("docker.io/", "")}:${tag}`);
  }
  return { lock, local };
}
