import type { ResolvedService } from "../../resolve/resolved.ts";
import { longestDrain, proxyIdle, streamsEnd } from "../../model/release.ts";
import { versionInTag } from "../../model/upgrade.ts";
import type { Finding, Rule } from "../rule.ts";

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

export const drainBudget: Rule = {
  name: "drain-budget",
  severity: "error",
  why: "whoever closes an idle connection first decides: a request that the proxy sends on a connection that the program is just closing fails with 502",
  *check({ services }) {
    for (const { name, node } of services.values()) {
      const { release, metrics, stopGrace } = node;
      if (release.kind !== "blue-green") continue;
      const { keepAlive, inFlight, endStreams, drain } = release;
      const wrong = (message: string, fix: string): Finding => ({ subject: `${name} release`, message: `"${name}" ${message}`, fix, at: node.at });
      if (keepAlive !== undefined && keepAlive.ms <= proxyIdle.ms) {
        yield wrong(`closes idle connections after ${keepAlive.ms / 1000} s, and the proxy keeps them for ${proxyIdle.ms / 1000} s`, `let the program keep them longer than ${proxyIdle.ms / 1000} s, and say so in \`keepAlive\``);
      }
      if (inFlight !== undefined && metrics === undefined) yield wrong(`says how many requests it works on in ${inFlight}, but has no metrics`, "declare `metrics`");
      if (endStreams !== undefined && drain.ms + streamsEnd.ms > longestDrain.ms) {
        yield wrong(`may drain for ${drain.ms / 1000} s before its streams are ended`, `let it drain for at most ${(longestDrain.ms - streamsEnd.ms) / 1000} s: until then both versions are connected`);
      }
      if (stopGrace.ms < streamsEnd.ms) yield wrong(`must stop within ${stopGrace.ms / 1000} s`, `give it a \`stopGrace\` of at least ${streamsEnd.ms / 1000} s, to end what is open`);
    }
  },
};

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

export const upgradeVersion: Rule = {
  name: "upgrade-version",
  severity: "error",
  why: "whether a new version may follow the one that runs is judged by the version in the image's tag",
  *check({ services }) {
    for (const { name, node } of services.values()) {
      const { upgrades, image } = node;
      if (upgrades === undefined || (image.kind === "registry" && versionInTag(image.tag) !== undefined)) continue;
      yield { subject: name, message: `"${name}" says how versions of ${upgrades.program} follow each other, and its image names none`, fix: "give it an image of others whose tag begins with the version, or leave `upgrades` out", at: node.at };
    }
  },
};
