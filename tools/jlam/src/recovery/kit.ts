/** The escrow kit: one page with all that an empty machine needs, printed and kept where the platform isn't. */
import { readFile } from "node:fs/promises";
import { dump, load } from "js-yaml";
import { z } from "zod";
import { messageOf, PersonError } from "../terminal/failure.ts";

const armoured = (what: string) => z.string().regex(new RegExp(`-----BEGIN PGP ${what} KEY BLOCK-----`), `holds no ${what.toLowerCase()} key`);

const storeSchema = z.strictObject({
  url: z.url(),
  bucket: z.string(),
  region: z.string(),
  /** A login that can read and list, and nothing else. */
  accessKey: z.string(),
  secretKey: z.string(),
});
export type KitStore = z.infer<typeof storeSchema>;

const kitSchema = z.strictObject({
  environment: z.string().regex(/^[a-z][a-z0-9-]*$/),
  store: storeSchema,
  /** The second region, for the day on which the first is gone. */
  copy: storeSchema.optional(),
  /** Where images come from: an archive of `docker save`, or a registry that the sets' references name. */
  images: z.string(),
  /** Reference of the engine's image, with which sets are read: in that archive, or at a registry. */
  engine: z.string(),
  /** By which sets are recognised as ours. */
  signedBy: armoured("PUBLIC"),
  /** With which they are read. */
  escrowKey: armoured("PRIVATE"),
  /** Opens the encrypted secrets in the repository; left out where an environment keeps its secrets on its machine alone. */
  ageIdentity: z.string().regex(/^AGE-SECRET-KEY-/, "is no age identity, which begins with AGE-SECRET-KEY-").optional(),
});
export type Kit = z.infer<typeof kitSchema>;

/** The page. It begins with words for whoever finds it; the rest is YAML, so that it can also be typed in again. */
export function kitPage(kit: Kit): string {
  return [
    `# Escrow kit of ${kit.environment}. With this page alone the platform can be brought back; whoever has it can read every backup.`,
    "# Keep it in a safe, away from the servers. On an empty machine with Docker: jlam drill --kit THIS-FILE",
    "# The repository is in every set, as repository.bundle.gpg; by hand: docs/runbooks/recovery.md in it.",
    "",
    dump(kit, { lineWidth: -1 }),
  ].join("\n");
}

/** @throws PersonError that names every line which can't be used */
export async function readKit(path: string): Promise<Kit> {
  try {
    return kitSchema.parse(load(await readFile(path, "utf8")));
  } catch (error) {
    throw new PersonError("This is no escrow kit.", {
      where: path,
      why: error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error),
      fix: "`jlam backup kit` prints one, while the environment is up.",
      cause: error,
    });
  }
}
