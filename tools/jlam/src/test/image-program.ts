/** A program taken out of its image: tests ask it how it reads a file, without booting anything. */
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { basename, join } from "node:path";
import { execa } from "execa";
import { engine, ifGone, imageContent } from "../runtime/containers.ts";

/** Programs that tests ask by name: the image that has each, and where the official image and ours have it. */
const asked = {
  JLAM_TRAEFIK: { image: "traefik", path: "/usr/local/bin/traefik" },
  JLAM_PROMTOOL: { image: "prometheus", path: "/bin/promtool" },
  JLAM_AMTOOL: { image: "alertmanager", path: "/bin/amtool" },
} as const;

/**
 * The variables that name each program to the tests, for those whose image is here. A program that the person named
 * already stays theirs.
 */
export async function imagePrograms(images: readonly { readonly name: string; readonly reference: string }[], root: string): Promise<Readonly<Record<string, string>>> {
  const found = await Promise.all(
    Object.entries(asked).map(async ([variable, { image, path }]) => {
      const provided = images.find(({ name }) => name === image);
      if (provided === undefined || process.env[variable]) return [];
      return [[variable, await imageProgram(provided.reference, path, root)] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}

/** Path of the program on this machine, copied once for each content of the image. */
async function imageProgram(image: string, inImage: string, root: string): Promise<string> {
  const folder = join(root, ".jlam", "bin");
  const content = (await imageContent(image)) ?? "";
  const path = join(folder, `${basename(inImage)}-${content.replace("sha256:", "").slice(0, 12)}`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const container = await engine.createContainer({ Image: image });
  try {
    await execa("docker", ["cp", `${container.id}:${inImage}`, `${path}.new`], { stdin: "ignore" });
  } finally {
    await container.remove({ force: true, v: true }).catch(ifGone);
  }
  renameSync(`${path}.new`, path);
  return path;
}
