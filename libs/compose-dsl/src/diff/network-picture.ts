import type { Item } from "./picture.ts";
import { list, mapping, scalar, type Document } from "./unknown-document.ts";

/** Services on each network, sorted. */
export function networkMembers(services: Readonly<Record<string, Document>>): ReadonlyMap<string, readonly string[]> {
  const members = new Map<string, string[]>();
  for (const [name, { networks }] of Object.entries(services)) {
    for (const network of Array.isArray(networks) ? networks.map(scalar) : Object.keys(mapping(networks))) {
      const known = members.get(network) ?? [];
      members.set(network, known);
      known.push(name);
    }
  }
  for (const names of members.values()) names.sort();
  return members;
}

/** A network with who is on it, its addresses, and whether it leads outside. */
export function networkPicture(network: Document, members: readonly string[]): Item {
  const outside = network["internal"] === true ? "no" : "yes";
  const subnets = list(mapping(network["ipam"])["config"]).map((config) => scalar(mapping(config)["subnet"]));
  return {
    summary: `${members.join(" and ")}${outside === "yes" ? ", with a way outside" : ""}`,
    facets: {
      members: { "": members },
      "reaches outside": { "": outside },
      addresses: { "": subnets.join(", ") },
      reason: { "": scalar(mapping(network["labels"])["nl.jlam.because"] ?? "") },
    },
  };
}
