/**
 * A deployer that can be killed: `node deployer.ts FILE` deploys what FILE says, and ends itself with SIGKILL at the
 * moment that FILE names. Prints the result as JSON.
 */
import { readFileSync } from "node:fs";
import { openComposeHost } from "../../../tools/jlam/src/release/host/compose-host.ts";
import type { Destination } from "../../../tools/jlam/src/release/host/ssh.ts";
import type { Step } from "../../../tools/jlam/src/release/journal/entry.ts";
import { deploy, type Delivery } from "../../../tools/jlam/src/release/machine/deploy.ts";
import type { WatchOptions } from "../../../tools/jlam/src/release/watch/window.ts";

export interface DeployerOrder {
  readonly environment: string;
  readonly destination: Destination;
  readonly delivery: Omit<Delivery, "files" | "secrets" | "planned">;
  readonly files: readonly (readonly [string, string])[];
  readonly secrets: readonly (readonly [string, string])[];
  readonly watch: WatchOptions;
  readonly dies?: { readonly step: Step; readonly when: "began" | "ended" };
}

const [file = ""] = process.argv.slice(2);
const { environment, destination, delivery, files, secrets, watch, dies } = JSON.parse(readFileSync(file, "utf8")) as DeployerOrder;
const dieAt = (step: Step, when: "began" | "ended"): void => {
  if (dies?.step === step && dies.when === when) process.kill(process.pid, "SIGKILL");
};
const result = await deploy(
  { ...delivery, files: new Map(files), secrets: new Map(secrets), planned: undefined },
  {
    environment,
    who: "killed@example.org",
    open: () => openComposeHost(environment, destination),
    preview: async () => [],
    watch,
    witness: { began: (step) => dieAt(step, "began"), at: () => undefined, ended: (step) => dieAt(step, "ended") },
  },
);
process.stdout.write(JSON.stringify({ end: result.end }));
