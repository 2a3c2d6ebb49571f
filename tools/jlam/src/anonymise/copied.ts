/** Which databases of a set are in a copy without people, and why the others aren't. */
import type { Manifest } from "@jlam/backup/manifest";
import type { AnonymisationRules, PlanFile } from "@jlam/backup/plan-file";
import { namedOf } from "../recovery/restore.ts";
import { PersonError } from "../terminal/failure.ts";

type Saved = Manifest["databases"][number];

export interface Copied {
  readonly wanted: readonly { readonly saved: Saved; readonly rules: AnonymisationRules }[];
  /** Those of the set that aren't copied; with a reason where it has no rules by intention. */
  readonly left: readonly { readonly id: string; readonly because: string | undefined }[];
}

/**
 * All that have rules, or those of them that are named. Pure.
 * @param only ids of databases; all when empty
 * @throws PersonError for one that is named and has no rules, with the reason; and where none has
 */
export function copied({ applications, uncopied }: Pick<PlanFile, "applications" | "uncopied">, { id: set, databases }: Pick<Manifest, "id" | "databases">, only: readonly string[]): Copied {
  const rulesOf = (id: string): AnonymisationRules | undefined => applications.find(({ database }) => database === id)?.anonymised;
  const reasonOf = (id: string): string | undefined => uncopied.find(({ database }) => database === id)?.because;
  const ruled = databases.flatMap((saved) => {
    const rules = rulesOf(saved.id);
    return rules === undefined ? [] : [{ saved, rules }];
  });
  const names = ruled.map(({ saved }) => namedOf(saved.id).name).join(", ");
  for (const id of only) {
    if (ruled.some(({ saved }) => saved.id === id)) continue;
    const known = databases.some((saved) => saved.id === id);
    throw new PersonError(known ? `No copy of the database "${namedOf(id).name}" leaves.` : `The set ${set} holds no database "${namedOf(id).name}".`, {
      ...(known && { why: reasonOf(id) ?? "Nobody said what becomes of its columns." }),
      fix: names === "" ? "No database has rules yet: apps/web/anonymised.ts shows how they are given." : `A copy can be made of: ${names}.`,
      exitCode: 2,
    });
  }
  const wanted = ruled.filter(({ saved }) => only.length === 0 || only.includes(saved.id));
  if (wanted.length === 0) throw new PersonError(`The set ${set} holds no database that says what becomes of its columns.`, { fix: "Give its application the rules: apps/web/anonymised.ts shows how." });
  return { wanted, left: databases.flatMap(({ id }) => (wanted.some(({ saved }) => saved.id === id) ? [] : [{ id, because: reasonOf(id) }])) };
}
