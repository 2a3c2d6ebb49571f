/** Who can open an environment's secrets: environments/<name>/recipients.json, which is reviewed like code. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { PersonError } from "../../terminal/failure.ts";
import { readIfThere, writeAtomically } from "../private-file.ts";

/** Why somebody is a recipient, in the order in which they are listed. */
export const recipientRoles = ["administrator", "ci", "host", "recovery"] as const;
export type RecipientRole = (typeof recipientRoles)[number];

const recipient = z.strictObject({
  role: z.enum(recipientRoles),
  /** A person's name, or which machine or paper holds the identity. */
  name: z.string().min(1),
  /** Bech32 of an X25519 key (62 characters), or a post-quantum one (`age1pq1…`). */
  recipient: z.string().regex(/^age1(pq1)?[02-9ac-hj-np-z]{58,2000}$/, "is no age recipient, which begins with age1"),
});
export type Recipient = z.infer<typeof recipient>;

const schema = z.strictObject({ recipients: z.array(recipient) });

export const recipientsPath = (root: string, environment: string): string => join(root, "environments", environment, "recipients.json");

/**
 * The recipients of an environment; none where the file is absent.
 * @throws PersonError for a file that can't be understood
 */
export function readRecipients(root: string, environment: string): readonly Recipient[] {
  const path = recipientsPath(root, environment);
  const text = readIfThere(path);
  if (text === undefined) return [];
  try {
    return schema.parse(JSON.parse(text)).recipients;
  } catch (error) {
    const why = error instanceof z.ZodError ? error.issues.map(({ path: keys, message }) => `${keys.join(".")}: ${message}`).join("\n") : String(error);
    throw new PersonError(`The recipients of ${environment} can't be read.`, { where: path, why, fix: "Correct the file; `jlam secrets recipients --help` shows how entries are made." });
  }
}

/** Writes them in the order of their roles and names. */
export function writeRecipients(root: string, environment: string, recipients: readonly Recipient[]): void {
  const rank = ({ role, name }: Recipient): string => `${recipientRoles.indexOf(role)} ${name}`;
  const sorted = recipients.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  writeAtomically(recipientsPath(root, environment), `${JSON.stringify({ recipients: sorted }, undefined, 2)}\n`, 0o644);
}

/** Checks one entry that a person gave. */
export function checkedRecipient(entry: unknown): Recipient {
  const checked = recipient.safeParse(entry);
  if (checked.success) return checked.data;
  throw new PersonError("That is no recipient.", {
    why: checked.error.issues.map(({ path: keys, message }) => `${keys.join(".")}: ${message}`).join("\n"),
    fix: "`jlam secrets recipients create` makes an identity and prints its recipient.",
    exitCode: 2,
  });
}

/** Roles that nobody has yet. Without a host nothing deploys; without recovery a lost laptop may be the last. */
export const missingRoles = (recipients: readonly Recipient[]): readonly RecipientRole[] => recipientRoles.filter((role) => !recipients.some((known) => known.role === role));

/** Tells sets of recipients apart: the first 16 hexadecimal digits of the SHA-256 of them all, sorted. */
export const recipientsFingerprint = (recipients: readonly Recipient[]): string =>
  createHash("sha256").update(recipients.map((known) => known.recipient).sort().join("\n")).digest("hex").slice(0, 16);
