import type { AddressRange } from "../../resolve/subnets.ts";
import { overlaps, parseRange } from "../../resolve/subnets.ts";
import type { Rule } from "../rule.ts";

export const zoneCrossing: Rule = {
  name: "zone-crossing",
  severity: "error",
  why: "each way between trust zones is a way for whoever broke into one; a reviewer must be able to judge it",
  *check({ edges, services }) {
    for (const { from, connection, edge } of edges) {
      const { target } = edge;
      const zone = target.kind === "endpoint" ? services.get(target.service)?.node.zone : target.zone;
      if (zone === undefined || zone === from.zone || edge.because !== undefined || connection === undefined) continue;
      const name = target.kind === "endpoint" ? target.service : `${target.kind} "${target.name}"`;
      yield {
        subject: `${from.name} ${connection}`,
        message: `"${from.name}" in the zone ${from.zone} connects to ${name} in the zone ${zone}, and nothing says why`,
        fix: `\`${connection}: to(…, { because: "…" })\``,
        at: edge.at,
      };
    }
  },
};

/** What Docker takes for networks that nobody gave a subnet (moby, libnetwork/ipamutils: localScopeDefaultNetworks), and its bridge. */
const dockerPools = ["172.17.0.0/16", "172.18.0.0/16", "172.19.0.0/16", "172.20.0.0/14", "172.24.0.0/14", "172.28.0.0/14", "192.168.0.0/16"];
/** RFC 1918. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

const contains = (outer: AddressRange, inner: AddressRange): boolean => outer.first <= inner.first && inner.first + inner.size <= outer.first + outer.size;
const ranges = (texts: readonly string[]): readonly (readonly [string, AddressRange])[] =>
  texts.flatMap((text) => {
    const range = parseRange(text);
    return range ? [[text, range] as const] : [];
  });

export const subnetOverlap: Rule = {
  name: "subnet-overlap",
  severity: "warning",
  why: "Docker refuses a network whose addresses another one has, or two networks hide each other's addresses",
  *check({ node }) {
    const range = parseRange(node.range);
    if (!range) return;
    const taken = ranges(dockerPools).find(([, pool]) => overlaps(pool, range));
    if (taken) {
      yield {
        subject: "range",
        message: `its range ${node.range} overlaps ${taken[0]}, from which Docker takes networks of its own`,
        fix: 'choose a part of 10.0.0.0/8, such as "10.128.0.0/12"',
        at: node.at,
      };
    }
    if (!ranges(privateRanges).some(([, own]) => contains(own, range))) {
      yield {
        subject: "range",
        message: `its range ${node.range} is not private: containers could not reach who really has these addresses`,
        fix: 'choose a part of 10.0.0.0/8, such as "10.128.0.0/12" (RFC 1918)',
        at: node.at,
      };
    }
  },
};
