/**
 * A deployer of its own process: `node deployer.ts FILE` deploys what FILE says, and sends itself a signal at the moment
 * that FILE names. Says at its end what `jlam deploy` says, and exits as it does.
 */
import { readFileSync } from "node:fs";
import { asPersonError, exitCodeOf } from "../../../tools/jlam/src/release/command/ending.ts";
import { resultInWords } from "../../../tools/jlam/src/release/command/witness.ts";
import { openComposeHost } from "../../../tools/jlam/src/release/host/compose-host.ts";
import type { Destination } from "../../../tools/jlam/src/release/host/ssh.ts";
import type { Step } from "../../../tools/jlam/src/release/journal/entry.ts";
import { deploy, type Delivery } from "../../../tools/jlam/src/release/machine/deploy.ts";
import type { WatchOptions } from "../../../tools/jlam/src/release/watch/window.ts";
import { PersonError } from "../../../tools/jlam/src/terminal/failure.ts";

export interface DeployerOrder {
  readonly environment: string;
  readonly destination: Destination;
  readonly delivery: Omit<Delivery, "files" | "secrets" | "planned">;
  readonly files: readonly (readonly [string, string])[];
  readonly secrets: readonly (readonly [string, string])[];
  readonly watch: WatchOptions;
  /** When it sends itself which signal: killed, or put to sleep as a laptop that is closed. */
  readonly at: { readonly step: Step; readonly when: "began" | "ended"; readonly signal: "SIGKILL" | "SIGSTOP" };
}

/** The name under which it takes the lock. */
const who = "other@example.org";

const [file = ""] = process.argv.slice(2);
const { environment, destination, delivery, files, secrets, watch, at } = JSON.parse(readFileSync(file, "utf8")) as DeployerOrder;
const strikeAt = (step: Step, when: "began" | "ended"): void => {
  if (at.step === step && at.when === when) process.kill(process.pid, at.signal);
};
try {
  const result = await deploy(
    { ...delivery, files: new Map(files), secrets: new Map(secrets), planned: undefined },
    {
      environment,
      who,
      open: () => openComposeHost(environment, destination),
      preview: async () => [],
      watch,
      witness: { began: (step) => strikeAt(step, "began"), at: () => undefined, ended: (step) => strikeAt(step, "ended") },
    },
  );
  process.stdout.write(resultInWords(environment, result).join("\n"));
  process.exitCode = exitCodeOf(result);
} catch (error) {
  const failure = asPersonError(error, environment);
  process.stdout.write(failure instanceof PersonError ? failure.message : String(error));
  process.exitCode = failure instanceof PersonError ? failure.exitCode : 1;
}
