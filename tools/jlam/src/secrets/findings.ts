/** What is wrong with the secrets of an environment, as findings like any other of `jlam check`. */
import type { Diagnostic, ResolvedEnvironment } from "@jlam/compose-dsl";
import { lineOf, readSealed, sealedPath, usedVersion, type SealedSecret, type SealedSecrets } from "./sealed/file.ts";
import { missingRoles, readRecipients, recipientsFingerprint, recipientsPath, type Recipient, type RecipientRole } from "./sealed/recipients.ts";
import { recipientCount, unseal } from "./sealed/seal.ts";
import { weakness } from "./strength.ts";
import { wantedSecrets, type WantedSecret } from "./wanted.ts";

const day = 24 * 60 * 60 * 1000;

const whatFor: Readonly<Record<RecipientRole, string>> = {
  administrator: "a person who sets and rotates secrets",
  ci: "the workflow that deploys",
  host: "the machine that gives containers their files",
  recovery: "an identity on paper, for the day when all others are lost",
};

/**
 * Everything that can be seen without opening a value: missing, unknown and overdue secrets, and wrong recipients.
 * An environment that nobody has begun yields one warning, since only its administrators can begin it. Nothing for
 * environments whose values are not in git.
 */
export function secretFindings(environment: ResolvedEnvironment, root: string, now: Date): readonly Diagnostic[] {
  if (environment.node.secrets.kind !== "sealed") return [];
  const recipients = readRecipients(root, environment.name);
  const sealed = readSealed(root, environment.name);
  const wanted = wantedSecrets(environment);
  if (recipients.length === 0 && Object.keys(sealed).length === 0) return [notBegun(environment, root, wanted.size)];
  const context: Context = { name: environment.name, root };
  return [
    ...recipientFindings(context, recipients, sealed),
    ...[...wanted.values()].filter(({ id }) => sealed[id] === undefined).map((secret) => missing(context, secret)),
    ...Object.keys(sealed).filter((id) => !wanted.has(id)).map((id) => unknown(context, id)),
    ...[...wanted.values()].flatMap((secret) => {
      const known = sealed[secret.id];
      return known === undefined ? [] : overdue(context, secret, known, now);
    }),
  ];
}

/**
 * What only shows when values are opened: weak ones, and blobs that were moved or damaged.
 * @param identities private keys of a recipient
 */
export async function openedFindings(environment: ResolvedEnvironment, root: string, identities: readonly string[]): Promise<readonly Diagnostic[]> {
  if (environment.node.secrets.kind !== "sealed") return [];
  const context: Context = { name: environment.name, root };
  const wanted = wantedSecrets(environment);
  const found: Diagnostic[] = [];
  for (const [id, { versions }] of Object.entries(readSealed(root, environment.name))) {
    for (const { version, made, sealed } of versions) {
      const place = { environment: environment.name, secret: id, version, made };
      try {
        const value = await unseal(sealed, place, identities, sealedPath(root, environment.name));
        const secret = wanted.get(id);
        const weak = secret && weakness(value, secret);
        if (weak !== undefined) found.push(entry(context, id, "secret-weak", `version ${version} of "${id}" ${weak}`, "what can be guessed protects nothing", `jlam secrets rotate ${context.name} ${id}`));
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        found.push(entry(context, id, "secret-sealed", error.message, "why" in error && typeof error.why === "string" ? error.why : "it reaches no container", `jlam secrets set ${context.name} ${id}`));
      }
    }
  }
  return found;
}

interface Context {
  readonly name: string;
  readonly root: string;
}

function entry({ name, root }: Context, id: string, rule: string, message: string, why: string, fix: string): Diagnostic {
  return { rule, severity: "error", subject: `${name} ${id}`, message, why, fix, at: { file: sealedPath(root, name), line: lineOf(root, name, id), column: 1 } };
}

function notBegun({ name }: ResolvedEnvironment, root: string, count: number): Diagnostic {
  return {
    rule: "secrets-not-begun",
    severity: "warning",
    subject: `${name} secrets`,
    message: `${name} has no recipients and no secrets yet; it needs ${count}`,
    why: "without them nothing can be deployed there",
    fix: "its administrators begin it as docs/secrets.md says: `jlam secrets recipients --help`",
    at: { file: recipientsPath(root, name), line: 1, column: 1 },
  };
}

function missing({ name }: Context, { id, kind, description, at }: WantedSecret): Diagnostic {
  return {
    rule: "secret-missing",
    severity: "error",
    subject: `${name} ${id}`,
    message: `the secret "${id}"${description === undefined ? "" : ` (${description})`} has no value in ${name}`,
    why: "its consumers can't start without it",
    fix: kind === "generated" ? `jlam secrets set ${name} --generate` : `jlam secrets set ${name} ${id}`,
    at,
  };
}

const unknown = (context: Context, id: string): Diagnostic =>
  entry(context, id, "secret-unknown", `nothing declares the secret "${id}"`, "a value that nobody needs can only leak", `jlam secrets set ${context.name} ${id} --remove, or declare it`);

function overdue(context: Context, { id, maxAgeDays }: WantedSecret, secret: SealedSecret, now: Date): readonly Diagnostic[] {
  const days = Math.floor((now.getTime() - Date.parse(usedVersion(secret).made)) / day);
  if (days <= maxAgeDays) return [];
  return [entry(context, id, "secret-overdue", `"${id}" is ${days} days old, and ${maxAgeDays} is the most`, "the longer a value lives, the more copies of it there are", `jlam secrets rotate ${context.name} ${id}`)];
}

function recipientFindings(context: Context, recipients: readonly Recipient[], sealed: SealedSecrets): readonly Diagnostic[] {
  const at = { file: recipientsPath(context.root, context.name), line: 1, column: 1 };
  const about = (subject: string, message: string, why: string, fix: string): Diagnostic => ({ rule: "secret-recipients", severity: "error", subject: `${context.name} ${subject}`, message, why, fix, at });
  const roles = missingRoles(recipients).map((role) =>
    about(`recipient ${role}`, `${context.name} has no recipient of the role "${role}"`, `it is ${whatFor[role]}`, `jlam secrets recipients add ${context.name} --role ${role} --name <who> --recipient age1…`),
  );
  const fingerprint = recipientsFingerprint(recipients);
  const others = Object.entries(sealed).filter(([, { versions }]) => versions.some((version) => version.recipients !== fingerprint || recipientCount(version.sealed) !== recipients.length));
  return [
    ...roles,
    ...others.map(([id]) =>
      entry(context, id, "secret-recipients", `"${id}" is sealed for others than recipients.json names`, "somebody can't open it who should, or can who shouldn't", `jlam secrets recipients seal ${context.name}, and rotate what somebody could read who left`),
    ),
  ];
}
