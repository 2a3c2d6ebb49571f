/** The programs of the backup stack on the images of this machine, for tests that run them beside a real PostgreSQL and a real store. */
import { join } from "node:path";
import { image, type Provider } from "@jlam/compose-dsl";
import { execa } from "execa";
import { imageOnThisMachine } from "../databases/provided-service.ts";

const root = new URL("../../../../", import.meta.url).pathname;

export interface Images {
  readonly postgres: string;
  readonly store: string;
  readonly node: string;
}

/** Images that the tests need; undefined when this machine lacks one of them, so that they skip by name. */
export async function imagesOf(database: Provider, bucket: Provider): Promise<Images | undefined> {
  const [server, storeServer] = [database.services[0], bucket.services[0]];
  if (!server || !storeServer) return undefined;
  const node = await imageOnThisMachine({ image: image("node", "docker.io/library/node:24-trixie-slim") });
  const [postgres, store] = [await imageOnThisMachine(server), await imageOnThisMachine(storeServer)];
  return postgres !== undefined && store !== undefined && node !== undefined ? { postgres, store, node } : undefined;
}

/** Builds the image with the programs that the engine starts, and bundles the engine into `directory`/app. Returns the image's name. */
export async function buildPrograms({ node }: Images, directory: string): Promise<string> {
  const name = "jlam-test/backup-programs:latest";
  await execa("docker", ["build", "--quiet", "--build-arg", `NODE_IMAGE=${node}`, "--target", "programs", "--tag", name, "--file", "apps/backup/Dockerfile", "."], { cwd: root });
  await execa(process.execPath, ["apps/backup/build.ts", join(directory, "app")], { cwd: root });
  return name;
}
