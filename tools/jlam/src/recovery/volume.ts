/** Puts the files of a volume of a set in the place of those that are there. */
import type { Manifest } from "@jlam/backup/manifest";
import { execa, ExecaError } from "execa";
import type { Project } from "../runtime/project.ts";
import { PersonError } from "../terminal/failure.ts";
import { wordsOf, type SetReader } from "./reader.ts";

export interface VolumeRestore {
  readonly project: Project;
  readonly reader: SetReader;
  readonly manifest: Manifest;
  /** Its name in the plan, and as it is declared. */
  readonly saved: { readonly id: string; readonly volume: string };
  /** An image with tar. */
  readonly image: string;
}

/**
 * Unpacks beside the files that are there, and exchanges them only after the whole archive came and was the manifest's.
 * Whatever uses the volume must be stopped.
 * @throws PersonError with the failing program's words; before the exchange, the files are as they were
 */
export async function restoreVolume({ project, reader, manifest, saved, image }: VolumeRestore): Promise<void> {
  const mounted = [
    "run", "--rm", "--interactive", "--label", "nl.jlam.recovery=volume", "--network", "none", "--user", "0:0", "--read-only",
    "--volume", `${project.name}_${saved.volume}:/volume`, "--entrypoint", "sh", image, "-euc",
  ];
  const from = reader.object(manifest.id, saved.id, "volume");
  const source = execa(from.program, from.args, { input: reader.key, encoding: "buffer", buffer: { stdout: false } });
  const ended = source.then(() => undefined, (error: unknown) => error);
  try {
    await source.pipe("docker", [...mounted, "rm -rf /volume/.restoring; mkdir /volume/.restoring; tar --extract --numeric-owner --xattrs --directory=/volume/.restoring --file=-"]);
    await execa("docker", [...mounted, `
      find /volume -mindepth 1 -maxdepth 1 ! -name .restoring -exec rm -rf {} +
      chown --reference=/volume/.restoring /volume; chmod --reference=/volume/.restoring /volume
      find /volume/.restoring -mindepth 1 -maxdepth 1 -exec mv {} /volume/ \\;
      rmdir /volume/.restoring`], { stdin: "ignore" });
  } catch (error) {
    const cause = (await ended) ?? error;
    if (!(cause instanceof ExecaError)) throw cause;
    throw new PersonError(`${saved.id} can't be restored.`, { why: wordsOf(cause), cause });
  }
}
