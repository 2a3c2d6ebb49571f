/** The documentation that people look for beside a running environment: what stands in docs/, and in README.md. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folders = ["docs", "docs/runbooks", "docs/decisions"];

/** Their paths from the repository's root, README.md first. */
export const documentPaths = (root: string): readonly string[] => [
  "README.md",
  ...folders.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
      .map(({ name }) => `${folder}/${name}`)
      .sort(),
  ),
];

/** The text of one of them; undefined for any other path. */
export const documentText = (root: string, path: string): string | undefined => (documentPaths(root).includes(path) ? readFileSync(join(root, path), "utf8") : undefined);
