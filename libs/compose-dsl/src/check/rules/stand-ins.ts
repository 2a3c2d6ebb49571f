import type { ResolvedEnvironment } from "../../resolve/resolved.ts";
import { suggestion, type Finding, type Rule } from "../rule.ts";

export const standInReleased: Rule = {
  name: "stand-in-released",
  severity: "error",
  why: "a stand-in lets people in by demonstration accounts, or does what the real one would have refused",
  *check({ services, node: { images } }) {
    if (images.kind !== "locked") return;
    for (const { name, node } of services.values()) {
      if (node.standsInFor.length === 0) continue;
      yield {
        subject: name,
        message: `"${name}" stands in for ${node.standsInFor.map((real) => `"${real}"`).join(" and ")}, in an environment that people use`,
        fix: "take its stack out of this environment: only those whose images may be replaced can have a stand-in",
        at: node.at,
      };
    }
  },
};

export const standInTarget: Rule = {
  name: "stand-in-target",
  severity: "error",
  why: "a stand-in runs where its service was left out, and is reached by the same names and ports",
  *check(environment) {
    const { services } = environment;
    for (const { name, node } of services.values()) {
      for (const real of node.standsInFor) {
        const wrong = (message: string, fix: string): Finding => ({ subject: `${name} ${real}`, message, fix, at: node.at });
        const target = services.get(real);
        if (target === undefined) {
          yield wrong(`"${name}" stands in for "${real}", which is no service here${suggestion(real, services.keys())}`, "name a service of this environment");
        } else if (target.profile === undefined) {
          yield wrong(`"${name}" stands in for "${real}", which always runs`, "let `registryOnly` say that the image of the other can't be had everywhere, or remove `standsInFor`");
        }
        const missing = portsAskedOf(real, environment).filter((number) => !Object.values(node.ports).some((port) => port.number === number));
        if (missing.length > 0) yield wrong(`"${name}" stands in for "${real}", and doesn't listen on ${missing.join(", ")}`, "declare the same port numbers");
      }
    }
  },
};

/** Ports on which routes, sign-ins and the wall ask a service. */
function portsAskedOf(service: string, { routes, providers }: ResolvedEnvironment): readonly number[] {
  const asked = new Set<number>();
  for (const { route } of routes) if (route.to.service === service) asked.add(route.to.number);
  for (const { binding } of providers.values()) {
    if (binding.address.kind === "container" && binding.address.endpoint.service === service) asked.add(binding.address.endpoint.number);
    if (binding.wall?.outpost.service === service) asked.add(binding.wall.outpost.number);
  }
  return [...asked];
}
