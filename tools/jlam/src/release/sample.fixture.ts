/** Releases, journals and plans for tests: valid as they stand, so that a test writes only what it is about. */
import type { EntryFacts, JournalEntry } from "./journal/entry.ts";
import { appendEntry, emptyHead } from "./journal/journal.ts";
import { sealPlan, type Plan } from "./plan/plan.ts";
import { hashOf } from "./record/canonical.ts";
import { configurationOf, sealRelease, type Release, type ReleaseContent } from "./record/release.ts";

/** A moment by which everything before it has happened: a Tuesday afternoon. */
export const now = new Date("2026-11-24T14:00:00Z");

/** `minutes` before `now`, as a journal writes it. */
export const ago = (minutes: number): string => new Date(now.getTime() - minutes * 60_000).toISOString();

/** The files that sample releases bring to an environment. */
export const sampleFiles = new Map([["compose.yaml", "name: jlam-sample\n"]]);

/** A release of `revision`, whose number tells it from others. */
export function sampleRelease(number: number, changes: Partial<ReleaseContent> = {}): Release {
  const environment = { configuration: configurationOf(sampleFiles), services: {}, smoke: [] };
  return sealRelease({
    format: 1,
    revision: String(number).padStart(40, "0"),
    committedAt: "2026-11-20T09:00:00Z",
    images: { "registry.example/web:release": hashOf(`web ${number}`) },
    environments: { staging: environment, production: environment },
    schemas: {},
    ...changes,
  });
}

/** The plan of production for a release. */
export const samplePlan = (release: Release, changes: Partial<Plan> = {}): Plan => sealPlan({ environment: "production", from: null, to: release.id, actions: [], blockers: [], accepted: [], ...changes });

/** What an entry says unless a test says otherwise: the end of a deploy to staging, long ago. */
export const entryFacts = (release: Release, changes: Partial<EntryFacts> = {}): EntryFacts => ({
  at: ago(24 * 60),
  environment: "staging",
  run: `run-${release.id.slice(0, 6)}`,
  action: "deploy",
  step: "finish",
  outcome: "done",
  who: "ci@example.nl",
  approvers: [],
  release: release.id,
  previousRelease: null,
  revision: release.revision,
  committedAt: release.committedAt,
  images: release.images,
  plan: samplePlan(release).hash,
  fencing: 1,
  evidence: {},
  brokenGlass: null,
  ...changes,
});

/** A journal of these entries, as its text and as its entries. */
export function sampleJournal(environment: string, all: readonly EntryFacts[]): { readonly text: string; readonly entries: readonly JournalEntry[] } {
  let head = emptyHead(environment);
  let text = "";
  const entries: JournalEntry[] = [];
  for (const facts of all) {
    const appended = appendEntry(head, { ...facts, environment });
    text += appended.line;
    head = appended.head;
    entries.push(appended.entry);
  }
  return { text, entries };
}
