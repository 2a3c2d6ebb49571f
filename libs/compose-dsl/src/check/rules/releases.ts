import type { ResolvedService } from "../../resolve/resolved.ts";
import type { Rule } from "../rule.ts";

export const blueGreenRule: Rule = {
  name: "blue-green",
  severity: "error",
  why: "for a while two colours of the service run beside each other, and the proxy switches when the new one is healthy",
  *check({ services, routes }) {
    const routed = new Set(routes.map(({ service }) => service));
    for (const service of services.values()) {
      if (service.node.release.kind !== "blue-green") continue;
      for (const [message, fix] of obstacles(service, routed.has(service.name))) {
        yield { subject: service.name, message: `"${service.name}" is released blue/green, but ${message}`, fix: `${fix}, or release it with \`recreate\``, at: service.node.at };
      }
    }
  },
};

function obstacles({ node, mounts }: ResolvedService, isRouted: boolean): readonly (readonly [message: string, fix: string])[] {
  const volumes = mounts.flatMap((mount) => (mount.kind === "volume" ? [mount.volume.name] : []));
  const published = Object.keys(node.publishes);
  return [
    ...(node.health ? [] : [["has no health check", "give it a `health`"] as const]),
    ...(volumes.length > 0 ? [[`both colours would write to its volume ${volumes.join(", ")}`, "keep its data in a resource"] as const] : []),
    ...(published.length > 0 ? [[`only one colour can have the host's port for ${published.join(", ")}`, "lead a route to it"] as const] : []),
    ...(isRouted ? [] : [["no route leads to it, so there is nothing to switch", "lead a route to it"] as const]),
  ];
}

export const objectiveRange: Rule = {
  name: "objective",
  severity: "error",
  why: "alerts count the errors that an objective allows: none is not a promise that can be kept, and 1 and more none at all",
  *check({ services }) {
    for (const { name, node } of services.values()) {
      const availability = node.objectives?.availability;
      if (availability === undefined || (availability > 0 && availability < 1)) continue;
      yield { subject: name, message: `"${name}" promises an availability of ${availability}`, fix: "write a ratio below 1, such as 0.999", at: node.at };
    }
  },
};
