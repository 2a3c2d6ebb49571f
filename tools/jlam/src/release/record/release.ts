/**
 * A release: everything that decides what runs, and nothing else. Its id is the hash of its content, so that the same
 * input gives the same release and nobody can change one without it becoming another.
 *
 * What is found out later about a release (tests, a scan, how it does on staging) is evidence beside it, bound to the
 * id: see evidence.ts and the journal.
 */
import { z } from "zod";
import { checkSchema } from "../smoke/check.ts";
import { canonicalFile, canonicalJson, hashOf, hashSchema } from "./canonical.ts";

/** 64 hexadecimal digits: the SHA-256 of the canonical content. */
export const releaseIdSchema = z.string().regex(/^[0-9a-f]{64}$/);
export type ReleaseId = z.infer<typeof releaseIdSchema>;

/** A commit of the source repository. */
export const revisionSchema = z.string().regex(/^[0-9a-f]{40}$/);

/** How a new version of a service takes over. */
const takeoverSchema = z.readonly(
  z.discriminatedUnion("kind", [
    /** Two colours beside each other, switched by the proxy; `drainMs` is the longest the old one may take to finish. */
    z.object({ kind: z.literal("blue-green"), drainMs: z.int().nonnegative() }),
    /** One container is stopped and another started. */
    z.object({ kind: z.literal("recreate") }),
    /** Runs once and ends. */
    z.object({ kind: z.literal("one-shot") }),
  ]),
);
export type Takeover = z.infer<typeof takeoverSchema>;

/** How versions of a program follow each other on its data, as the model says it: see `Upgrade` there. */
const upgradePathSchema = z.readonly(
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("within-major") }),
    z.object({ kind: z.literal("one-by-one"), releases: z.readonly(z.array(z.string())), database: z.string() }),
    z.object({ kind: z.literal("alone") }),
  ]),
);

/** A program whose versions don't follow each other just so, with the version that the release brings: `PostgreSQL`, `17.7`. */
const upgradeSchema = z.readonly(z.object({ program: z.string(), version: z.string(), path: upgradePathSchema }));
export type ReleasedUpgrade = z.infer<typeof upgradeSchema>;

/** What planning, carrying out and watching need to know of a service, taken from the model when the release was built. */
const serviceSchema = z.readonly(
  z.object({
    stack: z.string(),
    takeover: takeoverSchema,
    /** `repository:tag@sha256:…` */
    image: z.string(),
    /** What it keeps or handles, such as `medical-data`. */
    holds: z.string(),
    /** Volumes it writes to, by their name in the Compose project. */
    volumes: z.readonly(z.array(z.string())),
    /** Those of them that it can write to and whose data recovery sets hold; undefined: none. */
    kept: z.readonly(z.array(z.string())).optional(),
    /** Undefined: any version may follow any other. */
    upgrade: upgradeSchema.optional(),
    /** The command in it that makes a recovery set; undefined where it makes none. */
    makesSets: z.readonly(z.array(z.string())).optional(),
    /** Addresses that lead to it: https://host/path. To the proxy lead all of them. */
    routes: z.readonly(z.array(z.string())),
    /** Services that need it, and so notice when it is away: not the proxy, and none that only watches it. */
    usedBy: z.readonly(z.array(z.string())),
    /** Longest time it may take to stop, in milliseconds. */
    stopGraceMs: z.int().nonnegative(),
    /** What its users were promised; undefined where nothing was. Availability is a ratio, the latency in milliseconds. */
    objectives: z.readonly(z.object({ availability: z.number().optional(), latencyP95Ms: z.number().optional() })).optional(),
  }),
);
export type ReleasedService = z.infer<typeof serviceSchema>;

const environmentSchema = z.readonly(
  z.object({
    /** Hash of the list of generated files with their hashes: see `configurationOf`. */
    configuration: hashSchema,
    services: z.readonly(z.record(z.string(), serviceSchema)),
    /** What is asked of the environment before the switch, after it and every hour. */
    smoke: z.readonly(z.array(checkSchema)),
  }),
);
export type ReleasedEnvironment = z.infer<typeof environmentSchema>;

const stepSchema = z.readonly(
  z.object({
    number: z.int().positive(),
    name: z.string(),
    /** `expand` adds what older releases can ignore, `contract` takes away what they need. */
    phase: z.enum(["expand", "contract"]),
  }),
);
export type SchemaStep = z.infer<typeof stepSchema>;

/**
 * The contract between an application and its database: the steps that it brings. Its code needs every `expand` step
 * of them, and has done without what its `contract` steps take away.
 */
const schemaContract = z.readonly(
  z.object({
    /** Service of kind one-shot that applies the steps; `--expand-only` stops it before a contract step. */
    job: z.string(),
    /** Id of the resource, such as `postgres-app`. */
    database: z.string(),
    steps: z.readonly(z.array(stepSchema)),
  }),
);
export type SchemaContract = z.infer<typeof schemaContract>;

export const releaseContentSchema = z.readonly(
  z.object({
    format: z.literal(1),
    revision: revisionSchema,
    /** When the revision was committed, UTC: where the lead time begins. */
    committedAt: z.iso.datetime(),
    /** Digest by `repository:tag`, of every image in every environment. */
    images: z.readonly(z.record(z.string(), hashSchema)),
    environments: z.readonly(z.record(z.string(), environmentSchema)),
    /** By application. */
    schemas: z.readonly(z.record(z.string(), schemaContract)),
  }),
);
export type ReleaseContent = z.infer<typeof releaseContentSchema>;

/** A release with its id. Only `sealRelease` and `readRelease` make one, so that the id is always that of the content. */
export interface Release extends ReleaseContent {
  readonly id: ReleaseId;
}

/** The content with the id that follows from it. */
export const sealRelease = (content: ReleaseContent): Release => ({ ...content, id: idOf(content) });

const idOf = (content: ReleaseContent): ReleaseId => hashOf(canonicalJson(content)).slice("sha256:".length);

/** release.json: the content, for people and for `readRelease`. */
export const releaseFile = ({ id: _, ...content }: Release): string => canonicalFile(content);

/** Why a file isn't the release that it is kept as. */
export class NotThatRelease extends Error {
  override readonly name = "NotThatRelease";
}

/**
 * Reads release.json as the release `id`.
 * @throws NotThatRelease where it can't be understood, or where its content has another id: somebody changed it
 */
export function readRelease(text: string, id: ReleaseId): Release {
  const parsed = releaseContentSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new NotThatRelease(`The file kept as release ${shortId(id)} can't be understood: ${z.prettifyError(parsed.error)}`);
  const release = sealRelease(parsed.data);
  if (release.id !== id) throw new NotThatRelease(`The file kept as release ${shortId(id)} has the content of ${shortId(release.id)}: somebody changed it.`);
  return release;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The hash of an environment's generated files: of their paths and hashes, so that no file can be added, lost or changed. */
export const configurationOf = (files: ReadonlyMap<string, string>): ReleasedEnvironment["configuration"] =>
  hashOf(canonicalJson(Object.fromEntries([...files].map(([path, text]) => [path, hashOf(text)]))));

/** The id as people say it: its first 12 digits. */
export const shortId = (id: ReleaseId): string => id.slice(0, 12);
