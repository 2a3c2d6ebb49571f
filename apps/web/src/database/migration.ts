import type { Transaction } from "kysely";

/**
 * One step of the schema. Steps only go forward; a mistake is mended by a next step.
 *
 * - `expand` adds what the running release does not know and can ignore; it is safe while that release runs.
 * - `contract` takes away what an older release needs; it may run only when no such release runs and none is a
 *   target for rolling back.
 */
export interface Migration {
  /** Counts from 1 without gaps. */
  readonly number: number;
  readonly name: string;
  readonly phase: "expand" | "contract";
  /** Runs in a transaction of its own, as the role that owns the schema. */
  readonly up: (transaction: Transaction<unknown>) => Promise<void>;
}
