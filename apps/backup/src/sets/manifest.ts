/** The manifest of a set: the record that makes it one. Written last and signed; without it there is no backup. */
import { z } from "zod";
import { contentSchema } from "../database/content.ts";

/** What an object of a set can be. */
export const objectKinds = ["database", "roles", "volume", "repository", "machine"] as const;

const objectSchema = z.strictObject({
  key: z.string(),
  /** What of the plan is in it: `postgres-app`, `volume-files`, `repository`. */
  of: z.string(),
  kind: z.enum(objectKinds),
  bytes: z.number().int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type SetObject = z.infer<typeof objectSchema>;

const timeSchema = z.iso.datetime();

export const manifestSchema = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  environment: z.string(),
  /** When the run began and when it was done, by the engine's clock. */
  startedAt: timeSchema,
  finishedAt: timeSchema,
  /** First and last snapshot: all databases are as they were within this window. */
  window: z.strictObject({ from: timeSchema, to: timeSchema }),
  /** Before this nobody can delete the set's objects. */
  lockedUntil: timeSchema,
  /** Commit of the repository whose bundle is in the set. */
  revision: z.string().regex(/^[0-9a-f]{40,64}$/),
  /** Fingerprints of the keys that can each read every object, and of the one that signs. */
  recipients: z.array(z.string()).length(2),
  signer: z.string(),
  /** With what the application's own question was answered in the snapshot; null where it asks none. */
  databases: z.array(z.strictObject({ id: z.string(), name: z.string(), server: z.string(), major: z.number().int(), snapshotAt: timeSchema, content: contentSchema, answer: z.string().nullable() })),
  objects: z.array(objectSchema).min(1),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Says that a set was restored into a throwaway server and found equal; signed, beside its manifest. */
export const markerSchema = z.strictObject({ id: z.string(), verifiedAt: timeSchema, seconds: z.number(), manifestSha256: z.string() });
export type Marker = z.infer<typeof markerSchema>;
