/** `doctor`: everything that has kept this platform from running on some machine, looked at at once. */
import { environmentNames, loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { knownEnvironments } from "../synth/names.ts";
import { checkControlGroups, checkDisk, checkLeftovers, checkParts, checkSize, engineInfo } from "./engine-checks.ts";
import type { Finding } from "./finding.ts";
import { checkClock, checkNames, checkPorts, checkRegistries } from "./network-checks.ts";
import { checkBrowser, checkNode } from "./program-checks.ts";

export interface Diagnosis {
  readonly environment: string;
  /** Whether nothing keeps the environment from running here. */
  readonly fit: boolean;
  readonly findings: readonly Finding[];
}

/** Looks at the machine for one environment, in a few seconds; changes nothing. */
export async function diagnose(name: string, root: string = repositoryRoot): Promise<Diagnosis> {
  knownEnvironments([name], environmentNames(root));
  const environment = await loadEnvironment(name, root);
  const info = await engineInfo();
  const findings = await Promise.all([
    checkParts(),
    checkPorts(environment),
    checkDisk(info),
    checkRegistries(environment),
    checkClock(),
    checkNames(environment),
    checkLeftovers(info),
  ]);
  const all: readonly Finding[] = [...findings.flat(), ...checkSize(info, environment), checkControlGroups(info), checkNode(root), checkBrowser()];
  return { environment: name, fit: !all.some(({ state }) => state === "problem"), findings: all };
}
