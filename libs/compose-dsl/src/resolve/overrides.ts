import type { Override } from "../model/environment.ts";
import type { Origin } from "../model/origin.ts";
import type { ServiceNode } from "../model/service.ts";

export interface Overridden {
  readonly node: ServiceNode;
  readonly overridden: ReadonlyMap<string, Origin>;
}

const none: ReadonlyMap<string, Origin> = new Map();

/** A function that applies an environment's overrides to a service, and afterwards those that no service took. */
export function applyOverrides(overrides: readonly Override[]): {
  readonly overrideOf: (node: ServiceNode) => Overridden;
  readonly unused: () => readonly Override[];
} {
  const byService = Map.groupBy(overrides, ({ service }) => service);
  const used = new Set<string>();
  return {
    overrideOf: (node) => {
      const own = byService.get(node.name);
      if (!own) return { node, overridden: none };
      used.add(node.name);
      return own.reduce<Overridden>(apply, { node, overridden: none });
    },
    unused: () => overrides.filter(({ service }) => !used.has(service)),
  };
}

function apply({ node, overridden }: Overridden, { at, resources, settings, stopGrace }: Override): Overridden {
  const fields = new Map(overridden);
  if (resources) fields.set("resources", at);
  if (stopGrace) fields.set("stopGrace", at);
  for (const name of Object.keys(settings ?? {})) fields.set(`settings.${name}`, at);
  return {
    node: {
      ...node,
      ...(resources && { resources }),
      ...(stopGrace && { stopGrace }),
      ...(settings && { settings: { ...node.settings, ...settings } }),
    },
    overridden: fields,
  };
}
