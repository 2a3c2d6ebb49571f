import type { ResolvedEnvironment } from "../resolve/resolved.ts";
import { overlaps, parseRange } from "../resolve/subnets.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { place } from "./rule.ts";

/** What can go wrong between environments; each function is one rule. */
type PlatformRule = (environments: readonly ResolvedEnvironment[]) => readonly Diagnostic[];

/** Pairs of environments, each once. */
const pairs = (environments: readonly ResolvedEnvironment[]): readonly (readonly [ResolvedEnvironment, ResolvedEnvironment])[] =>
  environments.flatMap((first, index) => environments.slice(index + 1).map((second) => [first, second] as const));

export const environmentNames: PlatformRule = (environments) =>
  pairs(environments)
    .filter(([first, second]) => first.name === second.name)
    .map(([first, second]) => ({
      rule: "environment-name",
      severity: "error",
      subject: second.name,
      message: `two environments are called "${second.name}"; the other is at ${place(first.node.at)}`,
      why: "the name gives the Compose project, so one would replace the other's containers",
      fix: "rename one of them",
      at: second.node.at,
    }));

export const rangesOverlap: PlatformRule = (environments) =>
  pairs(environments).flatMap(([first, second]) => {
    const [a, b] = [parseRange(first.node.range), parseRange(second.node.range)];
    if (!a || !b || !overlaps(a, b)) return [];
    return {
      rule: "subnet-overlap",
      severity: "error",
      subject: `${first.name} ${second.name}`,
      message: `the ranges of ${first.name} (${first.node.range}) and ${second.name} (${second.node.range}) overlap`,
      why: 'on one machine Docker refuses the second network ("Pool overlaps"), such as when tests run beside a stack that is up',
      fix: "give each environment a range of its own",
      at: second.node.at,
    };
  });

export const addressTaken: PlatformRule = (environments) => {
  const known = new Map<string, ResolvedEnvironment>();
  return environments.flatMap((environment): readonly Diagnostic[] => {
    const { address, https } = environment.node.publishing;
    const found: Diagnostic[] = [];
    for (const host of new Set(environment.routes.map((route) => route.host))) {
      const url = `${host}:${https} ${address}`;
      const other = known.get(url);
      if (other === undefined) known.set(url, environment);
      else {
        found.push({
          rule: "address-taken",
          severity: "error",
          subject: `${environment.name} ${host}`,
          message: `https://${host}:${https} is an address of ${other.name} and of ${environment.name}, both on ${address}`,
          why: "a name leads to one machine, and on it only one program has the port",
          fix: "give one of them another domain, or other ports",
          at: environment.node.at,
        });
      }
    }
    return found;
  });
};
