/** Traefik's own program, taken out of its image: tests ask it how it reads a file, without booting anything. */
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { engine, ifGone, imageContent } from "../runtime/containers.ts";

/** Where the official image has it, and ours. */
const inImage = "/usr/local/bin/traefik";

/** Path of the program on this machine, copied once for each content of the image. */
export async function traefikProgram(image: string, root: string): Promise<string> {
  const folder = join(root, ".jlam", "bin");
  const content = (await imageContent(image)) ?? "";
  const path = join(folder, `traefik-${content.replace("sha256:", "").slice(0, 12)}`);
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
