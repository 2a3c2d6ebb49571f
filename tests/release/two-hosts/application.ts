/** The bed's application as a part of a repository: its programs, how its image is built, and which version it is. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleApplication } from "../bed/images.ts";

const dockerfile = `ARG NODE_IMAGE
FROM \${NODE_IMAGE}
LABEL nl.jlam.test=release-bed
WORKDIR /app
COPY apps/app/*.js apps/app/package.json apps/app/version apps/app/mode /app/
USER 1000:1000
ENTRYPOINT []
CMD ["node", "/app/server.js"]
`;

/** Puts its first version into a repository. */
export async function furnishApplication(root: string): Promise<void> {
  const folder = join(root, "apps/app");
  mkdirSync(folder, { recursive: true });
  await bundleApplication(folder);
  writeFileSync(join(folder, "Dockerfile"), dockerfile);
  writeFileSync(join(folder, "Dockerfile.dockerignore"), "*\n!apps/app\n");
  writeFileSync(join(folder, "mode"), "good\n");
  writeVersion(root, 1);
}

/** Writes the program of a version; a commit makes it part of a release. */
export const writeVersion = (root: string, version: number): void => writeFileSync(join(root, "apps/app/version"), `${version}\n`);
