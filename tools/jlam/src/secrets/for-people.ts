/** Secrets that a person types somewhere, such as a first administrator's password. */
import type { ResolvedEnvironment, ResolvedService } from "@jlam/compose-dsl";

/** What a secret is for, and the file that holds it, from the repository's root. */
export interface SecretForPeople {
  readonly what: string;
  readonly file: string;
}

/** Those of the services that run: where they lie, never what they are. */
export function secretsForPeople({ name, secrets }: ResolvedEnvironment, running: readonly ResolvedService[]): readonly SecretForPeople[] {
  const names = new Set(running.map((service) => service.name));
  return [...secrets.values()].flatMap(({ source, consumers }) => {
    const reader = consumers.find(({ service }) => names.has(service));
    if (source.kind !== "generated" || source.forPeople === undefined || reader === undefined) return [];
    return [{ what: source.forPeople, file: `environments/${name}/.secrets/${reader.service}/${reader.file}` }];
  });
}
