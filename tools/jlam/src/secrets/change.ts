/** Changes of an environment's encrypted file. Each reads it, changes one thing, and writes it at once. */
import { randomBytes } from "node:crypto";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { fixOfName, PersonError } from "../terminal/failure.ts";
import { readSealed, sealedPath, usedVersion, writeSealed, type SealedSecret, type SealedVersion } from "./sealed/file.ts";
import { missingRoles, readRecipients, recipientsFingerprint, recipientsPath, type Recipient } from "./sealed/recipients.ts";
import { seal, unseal } from "./sealed/seal.ts";
import { randomText } from "./settle.ts";
import { weakness } from "./strength.ts";
import { wantedSecrets, type WantedSecret } from "./wanted.ts";

/** The file that a command changes, and whether it only says what it would do. */
export interface Target {
  readonly environment: ResolvedEnvironment;
  readonly root: string;
  readonly now: Date;
  readonly dryRun: boolean;
}

/** What was changed, or would be. */
export interface Changed {
  readonly id: string;
  readonly what: "set" | "replaced" | "made" | "removed" | "sealed";
  readonly version: number;
}

/**
 * Sets the value of a secret: its first version, or in place of the one in use, where somebody typed it wrong.
 *
 * @throws PersonError for a secret that nothing declares, a weak value, one that is being rotated, a database's password
 *   that is in use, or without recipients
 */
export async function setSecret(target: Target, id: string, value: string): Promise<Changed> {
  const wanted = wantedSecret(target.environment, id);
  const weak = weakness(value, wanted);
  if (weak !== undefined) throw new PersonError(`The value for "${id}" was refused: it ${weak}.`, { fix: wanted.kind === "generated" ? `Let it be made: \`jlam secrets set ${target.environment.name} ${id} --generate\`.` : "Give the whole value as its issuer shows it." });
  const sealed = readSealed(target.root, target.environment.name);
  const known = sealed[id];
  if (known !== undefined && known.versions.length > 1) {
    throw new PersonError(`"${id}" is being rotated.`, { fix: `Finish that first, or take it back: \`jlam secrets rotate ${target.environment.name} ${id} --plan\` says where it stands.` });
  }
  if (known !== undefined && wanted.login !== undefined) {
    throw new PersonError(`"${id}" is the password of a login that is in use.`, { why: "Its database and its consumers would know different ones.", fix: `jlam secrets rotate ${target.environment.name} ${id}` });
  }
  const version = known?.use ?? 1;
  const entry: SealedSecret = { use: version, versions: [await sealVersion(target, id, version, value)] };
  if (!target.dryRun) writeSealed(target.root, target.environment.name, { ...sealed, [id]: entry });
  return { id, what: known === undefined ? "set" : "replaced", version };
}

/** Makes every value that is ours to make and isn't there, or only that of `id`, which then must not be there. */
export async function generateMissing(target: Target, id?: string): Promise<readonly Changed[]> {
  const sealed = readSealed(target.root, target.environment.name);
  const wanted = id === undefined ? [...wantedSecrets(target.environment).values()] : [wantedSecret(target.environment, id)];
  if (id !== undefined && sealed[id] !== undefined) throw new PersonError(`"${id}" has a value.`, { fix: `To replace it: \`jlam secrets rotate ${target.environment.name} ${id}\`.` });
  const changed: Changed[] = [];
  const made: Record<string, SealedSecret> = {};
  for (const { id: absent, bytes } of wanted) {
    if (sealed[absent] !== undefined) continue;
    if (bytes === undefined) {
      if (id === undefined) continue;
      throw new PersonError(`"${id}" is issued by somebody else.`, { fix: `Set what they gave: \`jlam secrets set ${target.environment.name} ${id}\`.` });
    }
    made[absent] = { use: 1, versions: [await sealVersion(target, absent, 1, randomText(randomBytes(bytes)))] };
    changed.push({ id: absent, what: "made", version: 1 });
  }
  if (!target.dryRun && changed.length > 0) writeSealed(target.root, target.environment.name, { ...sealed, ...made });
  return changed;
}

/** Removes a secret that nothing declares any more. @throws PersonError for one that is declared, or isn't there */
export function removeSecret({ environment, root, dryRun }: Target, id: string): Changed {
  const { [id]: entry, ...others } = readSealed(root, environment.name);
  if (entry === undefined) throw new PersonError(`There is no secret "${id}" in ${environment.name}.`, { fix: fixOfName(id, Object.keys(others)) });
  const wanted = wantedSecrets(environment).get(id);
  if (wanted !== undefined) throw new PersonError(`"${id}" is needed by ${wanted.consumers.join(", ") || "a database"}.`, { fix: "Remove its declaration first." });
  if (!dryRun) writeSealed(root, environment.name, others);
  return { id, what: "removed", version: entry.use };
}

/** Seals every value again for those who are recipients now. What is sealed for them already stays as it is, byte for byte. */
export async function sealAgain(target: Target, identities: readonly string[]): Promise<readonly Changed[]> {
  const { environment, root, dryRun } = target;
  const fingerprint = recipientsFingerprint(recipientsOf(target));
  const sealed: Record<string, SealedSecret> = { ...readSealed(root, environment.name) };
  const changed: Changed[] = [];
  for (const [id, entry] of Object.entries(sealed)) {
    const versions: SealedVersion[] = [];
    for (const known of entry.versions) {
      if (known.recipients === fingerprint) versions.push(known);
      else {
        const value = await unseal(known.sealed, { environment: environment.name, secret: id, version: known.version, made: known.made }, identities, sealedPath(root, environment.name));
        versions.push(await sealVersion({ ...target, now: new Date(known.made) }, id, known.version, value));
        changed.push({ id, what: "sealed", version: known.version });
      }
    }
    sealed[id] = { ...entry, versions };
  }
  if (!dryRun && changed.length > 0) writeSealed(root, environment.name, sealed);
  return changed;
}

/** Adds the next version beside the one in use, which stays in use. @throws PersonError for a weak value */
export async function addVersion(target: Target, id: string, value: string | undefined): Promise<number> {
  const wanted = wantedSecret(target.environment, id);
  const { entry, sealed } = entryOf(target, id);
  const used = usedVersion(entry);
  const next = used.version + 1;
  const fresh = value ?? (wanted.bytes === undefined ? undefined : randomText(randomBytes(wanted.bytes)));
  if (fresh === undefined) throw new PersonError(`The next value of "${id}" comes from whoever issues it.`, { fix: `Give it on standard input: \`jlam secrets rotate ${target.environment.name} ${id} < file\`.` });
  const weak = weakness(fresh, wanted);
  if (weak !== undefined) throw new PersonError(`The value for "${id}" was refused: it ${weak}.`);
  const versions = [used, await sealVersion(target, id, next, fresh)];
  if (!target.dryRun) writeSealed(target.root, target.environment.name, { ...sealed, [id]: { use: used.version, versions } });
  return next;
}

/** Gives consumers another of the two versions, from the next deploy on. */
export function useVersion(target: Target, id: string, version: number): void {
  const { entry, sealed } = entryOf(target, id);
  if (!entry.versions.some((known) => known.version === version)) throw new RangeError(`"${id}" has no version ${version}`);
  if (!target.dryRun) writeSealed(target.root, target.environment.name, { ...sealed, [id]: { ...entry, use: version } });
}

/** Forgets every version but the one in use. */
export function dropOthers(target: Target, id: string): void {
  const { entry, sealed } = entryOf(target, id);
  if (!target.dryRun) writeSealed(target.root, target.environment.name, { ...sealed, [id]: { use: entry.use, versions: [usedVersion(entry)] } });
}

/** The declaration of a secret. @throws PersonError for a name that nothing declares, with the nearest that is */
export function wantedSecret(environment: ResolvedEnvironment, id: string): WantedSecret {
  const all = wantedSecrets(environment);
  const wanted = all.get(id);
  if (wanted !== undefined) return wanted;
  throw new PersonError(`Nothing in ${environment.name} declares the secret "${id}".`, { fix: fixOfName(id, [...all.keys()]), exitCode: 2 });
}

function entryOf({ environment, root }: Target, id: string): { readonly entry: SealedSecret; readonly sealed: Readonly<Record<string, SealedSecret>> } {
  const sealed = readSealed(root, environment.name);
  const entry = sealed[id];
  if (entry === undefined) throw new PersonError(`"${id}" has no value in ${environment.name} yet.`, { fix: `jlam secrets set ${environment.name} ${id}` });
  return { entry, sealed };
}

async function sealVersion(target: Target, id: string, version: number, value: string): Promise<SealedVersion> {
  const recipients = recipientsOf(target);
  const made = target.now.toISOString();
  const place = { environment: target.environment.name, secret: id, version, made };
  return { version, made, recipients: recipientsFingerprint(recipients), sealed: await seal(value, place, recipients.map(({ recipient }) => recipient)) };
}

function recipientsOf({ environment, root }: Target): readonly Recipient[] {
  const recipients = readRecipients(root, environment.name);
  const absent = missingRoles(recipients);
  if (absent.length === 0) return recipients;
  throw new PersonError(`${environment.name} has no recipient of the role ${absent.map((role) => `"${role}"`).join(", ")}.`, {
    where: recipientsPath(root, environment.name),
    why: "What is sealed now could not be opened where it is needed, or after all laptops are lost.",
    fix: `jlam secrets recipients add ${environment.name} --role ${absent[0] ?? "administrator"} --name <who> --recipient age1…`,
  });
}
