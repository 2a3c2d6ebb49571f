import { resourceId, type Resource } from "./resource.ts";
import { duration, hours, type Duration, type DurationInput } from "./units.ts";

/** What kind of data something keeps; decides backups, log rules, and who may reach it. */
export type DataClass =
  | "medical-data"
  | "identity-data"
  | "session-data"
  | "audit-data"
  | "mail"
  | "keys"
  | "measurements"
  | "no-personal-data";

/** A trust zone. Every edge from one zone into another carries a reason. */
export type Zone = "public" | "application" | "identity" | "data" | "operations";

/** What is done so that data survives. There is no default: whoever declares data decides. */
export type BackupDecision =
  | { readonly kind: "backed-up"; readonly loseAtMost: Duration; readonly recoverWithin: Duration }
  | { readonly kind: "covered-by"; /** Its id, such as `postgres-app`. */ readonly resource: string }
  | { readonly kind: "none"; readonly reason: string };

/** Time between two recovery sets. Whoever may lose less must be saved by its changes, too. */
export const betweenSets: Duration = hours(24);

/** Part of every recovery set: at most `loseAtMost` of data may be lost, and it is back within `recoverWithin`. */
export const backedUp = (promise: { loseAtMost: DurationInput; recoverWithin: DurationInput }): BackupDecision => ({
  kind: "backed-up",
  loseAtMost: duration(promise.loseAtMost),
  recoverWithin: duration(promise.recoverWithin),
});

/** Deliberately not backed up; the plan prints the reason. */
export const notBackedUp = (reason: string): BackupDecision => ({ kind: "none", reason });

/** Saved through the resource whose files these are, such as a database that is dumped instead of copied. */
export const coveredBy = (resource: Pick<Resource, "kind" | "name">): BackupDecision => ({
  kind: "covered-by",
  resource: resourceId(resource),
});
