/** A small copy of this repository to generate into: its environments, inside the repository so that imports resolve. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { environmentNames, repositoryRoot } from "../synth/platform.ts";

export interface RepositoryCopy {
  readonly root: string;
  /** Makes `@jlam/<name>` lead to apps/<name> of the copy, as npm install does. */
  readonly link: (name: string) => void;
  /** What the TypeScript compiler says of the copy's apps and environments; empty when it accepts them. */
  readonly typeErrors: () => Promise<string>;
  readonly remove: () => void;
}

export function copyRepository(): RepositoryCopy {
  mkdirSync(join(repositoryRoot, ".jlam"), { recursive: true });
  const root = mkdtempSync(join(repositoryRoot, ".jlam", "new-"));
  for (const environment of environmentNames()) {
    const folder = join("environments", environment);
    mkdirSync(join(root, folder), { recursive: true });
    for (const file of readdirSync(join(repositoryRoot, folder), { withFileTypes: true })) {
      if (file.isFile()) cpSync(join(repositoryRoot, folder, file.name), join(root, folder, file.name));
    }
  }
  mkdirSync(join(root, "apps"));
  mkdirSync(join(root, "node_modules", "@jlam"), { recursive: true });
  writeFileSync(
    join(root, "tsconfig.json"),
    JSON.stringify({ extends: join(repositoryRoot, "tsconfig.base.json"), include: ["apps/**/*.ts", "environments/**/*.ts"] }),
  );
  return {
    root,
    link: (name) => symlinkSync(join(root, "apps", name), join(root, "node_modules", "@jlam", name)),
    typeErrors: async () => {
      const { all } = await execa(join(repositoryRoot, "node_modules/.bin/tsc"), ["--noEmit", "-p", root], { cwd: root, reject: false, all: true });
      return all;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
