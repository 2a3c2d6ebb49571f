/** Where an environment stands, by its journal alone. Pure: the same entries give the same situation. */
import { otherColour, type Colour } from "@jlam/compose-dsl";
import type { JournalEntry, Outcome, Step } from "../journal/entry.ts";
import type { ReleaseId } from "../record/release.ts";

/** A release as it was brought to the host once, with the configuration and the secrets of that moment. */
export interface Brought {
  readonly release: ReleaseId;
  /** Its folder on the host. The same release with other secrets has another one. */
  readonly folder: string;
}

/** What was brought, and the colour that it runs in. */
export interface Placed extends Brought {
  readonly colour: Colour;
}

/** An undertaking that is under way: where it comes from, where it goes to, and how far it is. */
export interface Run {
  readonly id: string;
  readonly action: "deploy" | "rollback";
  readonly from: Placed | undefined;
  readonly to: Placed;
  /** The last step of which the journal knows, and how it went. */
  readonly step: Step;
  readonly outcome: Outcome;
  /** Whether the proxy may have been switched to `to`. */
  readonly switched: boolean;
}

export interface Situation {
  /** What the proxy leads visitors to; undefined on a host where nothing was ever released. */
  readonly serving: Placed | undefined;
  /** What served and did not disappoint, oldest first; the last is what serves. */
  readonly served: readonly Brought[];
  /** Undefined when the last undertaking came to its end. */
  readonly run: Run | undefined;
}

const nothing: Situation = { serving: undefined, served: [], run: undefined };

/** Evidence by which the entry `begin` says what is not in every entry. */
export const placeEvidence = ({ colour, folder }: Placed): { readonly colour: string; readonly folder: string } => ({ colour, folder });

/** Reads the situation from a journal. Entries of the hourly smoke run and of others who don't release are passed over. */
export const situationOf = (entries: readonly Noted[]): Situation => entries.reduce(after, nothing);

/** The part of an entry that the situation follows from. */
export type Noted = Pick<JournalEntry, "run" | "action" | "step" | "outcome" | "release" | "evidence">;

/** The situation after one more entry. */
export function after(before: Situation, entry: Noted): Situation {
  if (entry.action !== "deploy" && entry.action !== "rollback") return before;
  const run = entry.step === "begin" ? begun(before, entry, entry.action) : before.run;
  if (run?.id !== entry.run) return before;
  const { step, outcome } = entry;
  const now: Run = { ...run, step, outcome, switched: run.switched || step === "switch" };
  if (outcome === "done" && step === "switch") return { serving: now.to, served: servedAfter(before.served, now), run: now };
  if (outcome === "done" && step === "switch-back") return { serving: now.from, served: servedBefore(before.served, now), run: { ...now, switched: false } };
  return { ...before, run: outcome === "done" && (step === "finish" || step === "revert") ? undefined : now };
}

function begun({ serving }: Situation, { run, release, evidence, step, outcome }: Noted, action: Run["action"]): Run {
  const to: Placed = { release, colour: evidence["colour"] === "green" ? "green" : "blue", folder: String(evidence["folder"] ?? release) };
  return { id: run, action, from: serving, to, step, outcome, switched: false };
}

/** A rollback goes back to where its release stands; a deploy adds one. */
function servedAfter(served: readonly Brought[], { action, to: { release, folder } }: Run): readonly Brought[] {
  const at = served.findLastIndex((brought) => brought.folder === folder);
  return action === "rollback" && at >= 0 ? served.slice(0, at + 1) : [...served.slice(-10), { release, folder }];
}

/** After switching back, what disappointed is forgotten: nobody should roll back to it. A rollback that failed keeps what served. */
function servedBefore(served: readonly Brought[], { action, from, to }: Run): readonly Brought[] {
  if (action === "deploy") return served.filter(({ folder }) => folder !== to.folder);
  return from && !served.some(({ folder }) => folder === from.folder) ? [...served, { release: from.release, folder: from.folder }] : served;
}

/** The colour in which something new can start. */
export const idleColour = ({ serving }: Situation): Colour => (serving ? otherColour(serving.colour) : "blue");

/** What a rollback returns to; undefined where there is nothing. */
export const rollbackTarget = ({ served }: Situation): Brought | undefined => served.at(-2);

/** Folders that must stay on the host: what serves, what a rollback returns to, one before that, and what is under way. */
export const keptFolders = ({ served, run }: Situation): readonly string[] =>
  [...new Set([...served.slice(-3).map(({ folder }) => folder), ...(run ? [run.to.folder, ...(run.from ? [run.from.folder] : [])] : [])])];
