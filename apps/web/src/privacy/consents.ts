import type { Transaction } from "kysely";

import type { Tables } from "../database/tables.ts";
import { presentText, purposeNames } from "./purposes.ts";
import type { PurposeName } from "./purposes.ts";

/** Where a member stands on one purpose. `asked-again`: agreed to an older wording, which no longer counts. */
export interface ConsentState {
  readonly purpose: PurposeName;
  readonly state: "never" | "given" | "withdrawn" | "asked-again";
  /** When it was decided last. */
  readonly at: Date | undefined;
}

type Decision = Pick<Tables["consent"], "decision" | "version">;

function stateOf(decision: Decision | undefined, present: number): ConsentState["state"] {
  if (decision === undefined) return "never";
  if (decision.decision === "withdrawn") return "withdrawn";
  return decision.version === present ? "given" : "asked-again";
}

/**
 * Where the member whose transaction this is (see asMember) stands on a purpose.
 *
 * @param present the version that is asked now
 */
export async function consentState(
  transaction: Transaction<Tables>,
  memberId: string,
  purpose: PurposeName,
  present: number = presentText(purpose).version,
): Promise<ConsentState> {
  const latest = await transaction
    .selectFrom("consent")
    .select(["decision", "version", "at"])
    .where("member_id", "=", memberId)
    .where("purpose", "=", purpose)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return { purpose, state: stateOf(latest, present), at: latest?.at };
}

/** Where they stand on every purpose, in the order in which they are asked. */
export async function consentStates(transaction: Transaction<Tables>, memberId: string): Promise<readonly ConsentState[]> {
  const states: ConsentState[] = [];
  for (const purpose of purposeNames) states.push(await consentState(transaction, memberId, purpose));
  return states;
}

/** Whether what is done for this purpose may be done now. Must be asked in the same transaction that then does it. */
export async function hasConsent(transaction: Transaction<Tables>, memberId: string, purpose: PurposeName): Promise<boolean> {
  return (await consentState(transaction, memberId, purpose)).state === "given";
}

/** Writes a decision down, about the wording that is asked now. */
export async function decideConsent(
  transaction: Transaction<Tables>,
  memberId: string,
  purpose: PurposeName,
  decision: Tables["consent"]["decision"],
): Promise<void> {
  await transaction.insertInto("consent").values({ member_id: memberId, purpose, version: presentText(purpose).version, decision }).execute();
}
