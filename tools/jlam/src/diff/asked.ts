/** What a command line of `jlam diff` asks for. */
import { knownEnvironments } from "../synth/names.ts";
import { PersonError } from "../terminal/failure.ts";

export type Asked =
  | { readonly kind: "environments"; readonly before: string; readonly after: string }
  /** Undefined environment: all of them. */
  | { readonly kind: "since"; readonly revision: string; readonly environment: string | undefined };

/**
 * Reads `diff staging production`, `diff main.. production`, `diff --since main production`, `diff production` and
 * `diff` (since the last commit).
 * @throws PersonError for names of environments that don't exist, and for words too many
 */
export function askedDiff(words: readonly string[], since: string | undefined, known: readonly string[]): Asked {
  const range = words.find((word) => word.endsWith(".."));
  const revision = since ?? range?.slice(0, -2);
  const names = words.filter((word) => word !== range);
  if (since !== undefined && range !== undefined) throw new PersonError(`Both --since ${since} and ${range} name a revision.`, { fix: "Say one of them.", exitCode: 2 });
  if (names.length > 0) knownEnvironments(names, known);
  const [first, second] = names;
  if (first !== undefined && second !== undefined) {
    if (revision !== undefined || names.length > 2) throw new PersonError("That are too many names.", { fix: "Either two environments, or a revision and at most one environment.", exitCode: 2 });
    return { kind: "environments", before: first, after: second };
  }
  return { kind: "since", revision: revision === undefined || revision === "" ? "HEAD" : revision, environment: first };
}
