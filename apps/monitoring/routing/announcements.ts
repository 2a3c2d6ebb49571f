/** Which alerts wait while a restart is announced: those that it explains, and no other. */
import { duration } from "@jlam/compose-dsl";
import type { Watched } from "../watched/watched.ts";

/**
 * What whoever announces it expects. A release leads visitors from one colour to the other and loses no request; of
 * what runs once only, such as a database, visitors notice the restart.
 */
export type Expected = "no-interruption" | "downtime";

/** A service that is made anew is away from inside for a moment, and answers slowly at first. */
const restarted = ["ServiceUnreachable", "TargetDown", "ContainerUnhealthy", "RestartsOften", "SlowResponses", "ProbeSlow"] as const;

/** Visitors get errors meanwhile, as they were promised. What lasts longer than recovery may take is told all the same. */
const away = ["WebsiteDown", "DatabaseUnreachable", "DatabaseUnwatched", "CacheUnreachable", "ErrorRateHigh", "BudgetBurnsFast"] as const;

/** Names of the alerts that wait. */
export const waitsFor = (expected: Expected): readonly string[] => {
  switch (expected) {
    case "no-interruption":
      return restarted;
    case "downtime":
      return [...restarted, ...away];
  }
};

/** One of a silence's conditions, as Alertmanager's API has it; a regular expression is anchored at both ends. */
export interface Matcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

const anyOf = (name: string, values: readonly string[]): Matcher => ({ name, value: values.join("|"), isRegex: true, isEqual: true });

/** What alerts call services and resources in their label `service`. */
export const announceable = ({ parts, databases, caches }: Watched): readonly string[] => [...new Set([...parts.filter(({ kind }) => kind !== "job").map(({ name }) => name), ...databases, ...caches])].sort();

/** What a silence says of services that are about to be restarted; with downtime, of all that can't work without them. */
export function announcedMatchers(watched: Watched, services: readonly string[], expected: Expected): readonly Matcher[] {
  const dependants = expected === "downtime" ? watched.dependencies.filter(({ on }) => services.includes(on)).flatMap((dependency) => dependency.dependants) : [];
  return [
    { name: "environment", value: watched.environment, isRegex: false, isEqual: true },
    anyOf("service", [...new Set([...services, ...dependants])].sort()),
    anyOf("alertname", waitsFor(expected)),
  ];
}

/** No announcement is longer: what takes an hour is watched by somebody, who can announce it again. */
export const longestAnnouncement = duration("1h");

/**
 * How long alerts go on waiting when the work is done. A probe asks every 15 s and its rule is looked at every 10 s,
 * so what is well again is known to be within half a minute; twice that on a busy machine.
 */
export const settling = duration("60s");
