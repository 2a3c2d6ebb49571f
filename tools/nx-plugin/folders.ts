/** Which folders are projects, and of which kind, told from the paths of their files alone. */
import { posix } from "node:path";

export type Scope = "lib" | "app" | "environment" | "tool";

export interface Folder {
  /** Path from the workspace's root: `apps/web`. */
  readonly root: string;
  readonly scope: Scope;
  /** Last part of the path, which is also the name of an environment. */
  readonly name: string;
  readonly hasStack: boolean;
  readonly hasEnvironment: boolean;
}

/** The scope of each top folder. */
const scopes: Readonly<Record<string, Scope>> = {
  libs: "lib",
  apps: "app",
  environments: "environment",
  tools: "tool",
  bench: "tool",
  tests: "tool",
};

/** Top folders that are themselves one project: they measure and test the whole, and nothing imports them. */
const wholes = new Set(["bench", "tests"]);

/** The projects among `files`: every folder with a package.json exactly where the workspaces of package.json look. */
export function projectFolders(files: readonly string[]): readonly Folder[] {
  const present = new Set(files);
  const folders: Folder[] = [];
  for (const file of [...present].sort()) {
    if (posix.basename(file) !== "package.json") continue;
    const root = posix.dirname(file);
    const [top = "", ...below] = root.split("/");
    const scope = scopes[top];
    if (scope === undefined || below.length !== (wholes.has(top) ? 0 : 1)) continue;
    folders.push({
      root,
      scope,
      name: posix.basename(root),
      hasStack: scope === "app" && present.has(`${root}/stack.ts`),
      hasEnvironment: scope === "environment" && present.has(`${root}/environment.ts`),
    });
  }
  return folders;
}
