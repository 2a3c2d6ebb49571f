/** Which alerts keep silent while another fires: what it caused, and what says less about the same thing. */
import type { Definition } from "../alerts/definition.ts";
import type { Watched } from "../watched/watched.ts";

interface Inhibition {
  readonly name: string;
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal?: readonly string[];
}

const anyOf = (names: readonly string[]): string => `"${names.join("|")}"`;

/** What a dependant's alerts are about while it can't work: a forged header or a full disk is news even then. */
const consequences = ["availability", "traffic", "objectives"] as const satisfies readonly Definition["category"][];

/** By which a lesser alert is known to be about the same thing; one that both lack counts as equal. */
const sameThing = ["service", "device"];

/**
 * Along the model's dependencies, then from graver alerts to lesser ones about the same thing. An alert that waits for
 * working hours never silences one that wakes somebody: the night would pass without a sound.
 */
export function inhibitions({ dependencies, databases, caches, probes }: Watched, definitions: readonly Definition[]): readonly Inhibition[] {
  const saysDown = (severity: "P1" | "P2") => definitions.filter((definition) => definition.means === "down" && definition.severity === severity).map(({ name }) => name);
  const stores = new Set([...databases, ...caches]);
  const asked = new Set(probes.map(({ service }) => service));
  const caused = dependencies.filter(({ on }) => asked.has(on)).map(({ on, dependants }) => ({
    name: `${on}-is-down`,
    source_matchers: [`service="${on}"`, `alertname=~${anyOf(saysDown(stores.has(on) ? "P1" : "P2"))}`],
    target_matchers: [`service=~${anyOf(dependants)}`, `category=~${anyOf(consequences)}`, ...(stores.has(on) ? [] : ['severity!="P1"'])],
  }));
  const overruled = definitions.flatMap(({ name, overrules }) =>
    overrules === undefined ? [] : [{ name, source_matchers: [`alertname="${name}"`], target_matchers: [`alertname=~${anyOf(overrules)}`], equal: sameThing }],
  );
  return [...caused, ...overruled];
}
