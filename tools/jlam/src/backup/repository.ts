/** Hands the repository to the backup engine, so that every set holds the revision that its data belongs to. */
import { execa, ExecaError } from "execa";
import type { ContainerState } from "../runtime/containers.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { PersonError } from "../terminal/failure.ts";

/**
 * Sends a git bundle of the checked-out revision, with its whole history, into the engine's container; what isn't
 * committed isn't in it.
 * @throws PersonError where there is no git, no commit, or the engine doesn't take the bundle
 */
export async function sendRepository(container: ContainerState, root = repositoryRoot): Promise<void> {
  // Anywhere below the top, `git bundle create -` writes a file of that name.
  const { stdout: top } = await execa("git", ["rev-parse", "--show-toplevel"], { cwd: root }).catch((error: unknown) => {
    throw new PersonError("There is no repository to hand to the engine.", { where: root, fix: "Run it in a checkout.", cause: error });
  });
  const bundle = execa("git", ["bundle", "create", "--quiet", "-", "HEAD"], { cwd: top, encoding: "buffer", buffer: { stdout: false } });
  try {
    await bundle.pipe("docker", ["exec", "--interactive", container.id, "node", "/app/backup.js", "repository"]);
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    throw new PersonError("The engine didn't get the repository's bundle.", { why: error.shortMessage, fix: "Run it in a checkout with a commit, while the environment is up.", cause: error });
  }
}
