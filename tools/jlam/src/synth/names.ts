import { fixOfName, PersonError } from "../terminal/failure.ts";

/**
 * The asked-for environments, or all when none is named.
 * @throws PersonError for a name that doesn't exist, with the nearest one that does
 */
export function knownEnvironments(asked: readonly string[], known: readonly string[]): readonly string[] {
  for (const name of asked) {
    if (known.includes(name)) continue;
    throw new PersonError(`There is no environment "${name}".`, {
      fix: fixOfName(name, known),
      exitCode: 2,
    });
  }
  return asked.length > 0 ? asked : known;
}
