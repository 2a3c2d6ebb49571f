/** Builds the images of our own programs from what is checked out, pushes them, and tells their digests. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { PersonError } from "../terminal/failure.ts";
import { certificateBundle } from "./docker.ts";
import type { ImageLock } from "./lock.ts";

/** Longest that one image may take, in milliseconds. */
const timeout = 1_800_000;

export interface PushedImage {
  /** Where it goes: `registry/name:tag`. */
  readonly reference: string;
  /** Folder of its Dockerfile, from the repository's root. */
  readonly folder: string;
  /** Image that the Dockerfile's argument NODE_IMAGE names, by digest. */
  readonly base: string;
}

export interface PushOptions {
  readonly root: string;
  /** Adds a list of what is inside and how it was built, to be read from the registry; needs a builder with its own container. */
  readonly attest: boolean;
  readonly report: (line: string) => void;
}

/** What buildx tells of a build that it pushed. */
const metadataSchema = z.object({ "containerimage.digest": z.templateLiteral(["sha256:", z.string().regex(/^[0-9a-f]{64}$/)]) });

/**
 * Builds and pushes each; returns their digests by reference, as images.lock.json has them.
 * @throws PersonError with the last words of the build that failed
 */
export async function pushImages(images: readonly PushedImage[], { root, attest, report }: PushOptions): Promise<ImageLock> {
  const folder = await mkdtemp(join(tmpdir(), "jlam-push-"));
  try {
    const digests: [string, ImageLock[string]][] = [];
    for (const [index, { reference, folder: source, base }] of images.entries()) {
      report(reference);
      const metadata = join(folder, `${index}.json`);
      const attestations = attest ? ["--sbom=true", "--provenance=mode=max"] : ["--provenance=false"];
      const result = await execa("docker", ["buildx", "build", "--push", "--tag", reference, "--file", join(root, source, "Dockerfile"), "--build-arg", `NODE_IMAGE=${base}`, "--secret", `id=ca,src=${certificateBundle()}`, "--metadata-file", metadata, ...attestations, root], { timeout, reject: false });
      if (result.failed) throw new PersonError(`The image ${reference} could not be built and pushed.`, { where: join(source, "Dockerfile"), why: result.stderr.split("\n").slice(-5).join("\n") || result.shortMessage, fix: "Log in to the registry (`docker login`), and see that the Dockerfile builds: `jlam images build`." });
      digests.push([reference, metadataSchema.parse(JSON.parse(await readFile(metadata, "utf8")))["containerimage.digest"]]);
    }
    return Object.fromEntries(digests.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
