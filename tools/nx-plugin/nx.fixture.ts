/** Nx itself, run without what an Nx around the test has put into the environment. */
import { join } from "node:path";
import { execa } from "execa";

export interface NxRun {
  readonly failed: boolean;
  /** Both streams as they were written. */
  readonly output: string;
}

/** Runs Nx in the workspace `root`, with its cache and its knowledge of the workspace below `own`. */
export async function nx(root: string, own: string, args: readonly string[]): Promise<NxRun> {
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith("NX_") && !name.startsWith("VITEST"));
  const { failed, all } = await execa(join(root, "node_modules/.bin/nx"), args, {
    cwd: root,
    extendEnv: false,
    reject: false,
    all: true,
    env: {
      ...Object.fromEntries(outside),
      NX_CACHE_DIRECTORY: join(own, "cache"),
      NX_WORKSPACE_DATA_DIRECTORY: join(own, "data"),
      NX_DAEMON: "false",
      FORCE_COLOR: "0",
    },
    timeout: 110_000,
  });
  return { failed, output: all };
}
