/** What Nx loads: gives every folder of the workspace its targets and its tag. See targets.ts for which and why. */
import type { CreateNodes, CreateNodesResult } from "@nx/devkit";
import { projectFolders } from "./folders.ts";
import { configurationOf } from "./targets.ts";

/** Runs on the paths of files only: a stack.ts or environment.ts is never executed to find out what Nx can do with it. */
export const createNodes: CreateNodes = [
  "{libs,apps,environments,tools,bench,tests}/**/{package.json,stack.ts,environment.ts}",
  (files): [string, CreateNodesResult][] =>
    projectFolders(files).map((folder) => [`${folder.root}/package.json`, { projects: { [folder.root]: configurationOf(folder) } }]),
];
