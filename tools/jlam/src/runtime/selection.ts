/** Which services an `up` is about: all, or those of the named stacks with what they wait for; less what can't run here. */
import type { ResolvedEnvironment, ResolvedService } from "@jlam/compose-dsl";
import { fixOfName, PersonError } from "../terminal/failure.ts";

/** A service that isn't started, and why. */
export interface LeftOut {
  readonly service: string;
  readonly image: string;
  readonly reason: string;
  /** The service that stands in for it, where there is one. */
  readonly standIn: string | undefined;
}

export interface Selection {
  readonly services: readonly ResolvedService[];
  readonly leftOut: readonly LeftOut[];
  /** Stand-ins that have nobody to stand in for. */
  readonly idle: readonly string[];
  /** Profiles to turn on. */
  readonly profiles: readonly string[];
}

/** Names of the stacks that have services here; what a person may give to `up`. */
export const stackNames = ({ stacks }: ResolvedEnvironment): readonly string[] =>
  stacks.filter(({ services }) => services.length > 0).map(({ name }) => name);

/**
 * Services of the named stacks (of all without names) and everything that they wait for.
 * @throws PersonError for an unknown stack
 */
export function servicesOf(environment: ResolvedEnvironment, stacks: readonly string[]): readonly ResolvedService[] {
  const known = stackNames(environment);
  for (const name of stacks) {
    if (known.includes(name)) continue;
    throw new PersonError(`There is no stack "${name}" in ${environment.name}.`, {
      fix: fixOfName(name, known),
      exitCode: 2,
    });
  }
  const wanted = new Set<string>();
  const add = (service: ResolvedService): void => {
    if (wanted.has(service.name)) return;
    wanted.add(service.name);
    for (const { service: other } of service.dependsOn) {
      const dependency = environment.services.get(other);
      if (dependency) add(dependency);
    }
  };
  for (const service of environment.services.values()) if (stacks.length === 0 || stacks.includes(service.stack)) add(service);
  return [...environment.services.values()].filter(({ name }) => wanted.has(name));
}

/**
 * Leaves out the services whose image can't be had, and those that wait for them, if they have a profile by which they
 * can be left out; and stand-ins for whose services there is no need of one.
 *
 * @param missing reason by image name
 * @throws PersonError where a service without a profile would have to be left out
 */
export function leaveOut(services: readonly ResolvedService[], missing: ReadonlyMap<string, string>): Selection {
  const out = new Map<string, Omit<LeftOut, "standIn">>();
  const byName = new Map(services.map((service) => [service.name, service]));
  const reasonFor = (service: ResolvedService): string | undefined => {
    const own = missing.get(service.node.image.name);
    if (own !== undefined) return own;
    for (const { service: other } of service.dependsOn) {
      const dependency = byName.get(other);
      if (dependency && reasonFor(dependency) !== undefined) return `it needs ${other}, which is left out`;
    }
    return undefined;
  };
  for (const service of services) {
    const reason = reasonFor(service);
    if (reason === undefined) continue;
    if (service.profile === undefined) throw cannotRun(service, reason);
    out.set(service.name, { service: service.name, image: service.node.image.name, reason });
  }
  const isIdle = ({ node: { standsInFor } }: ResolvedService): boolean => standsInFor.length > 0 && !standsInFor.some((name) => out.has(name));
  const idle = services.filter(isIdle).map(({ name }) => name);
  const kept = services.filter(({ name }) => !out.has(name) && !idle.includes(name));
  const leftOut = [...out.values()].map((one) => ({ ...one, standIn: kept.find(({ node }) => node.standsInFor.includes(one.service))?.name }));
  return { services: kept, leftOut, idle, profiles: [...new Set(kept.flatMap(({ profile }) => profile ?? []))].sort() };
}

function cannotRun({ name, node }: ResolvedService, reason: string): PersonError {
  return new PersonError(`The service "${name}" can't run here: there is no image "${node.image.name}" for it.`, {
    where: `${node.at.file.replace(/^file:\/\//, "")}:${node.at.line}`,
    why: reason,
    fix: `Set JLAM_IMAGE_${node.image.name.toUpperCase().replaceAll("-", "_")} to an image that you have, or run this where an image registry answers.`,
  });
}
