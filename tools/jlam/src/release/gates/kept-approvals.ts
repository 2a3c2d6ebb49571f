/** Approvals and what takes them back, as they lie in the release repository. */
import { canonicalFile } from "../record/canonical.ts";
import { parseJson } from "../record/archive.ts";
import { addFiles, filesBelow, type ReleaseRepository, type Snapshot } from "../record/repository.ts";
import { PersonError } from "../../terminal/failure.ts";
import { approvalFile, approvalId, approvalSchema, type Approval } from "./approval.ts";

/** An approval with its signature, which nobody has checked yet. */
export interface KeptApproval {
  readonly approval: Approval;
  /** The text that the signature is over. */
  readonly text: string;
  readonly signature: string;
  /** Why it was taken back; undefined: it holds. */
  readonly revoked: string | undefined;
}

const path = (id: string): string => `approvals/${id}.json`;
const revocationPath = (id: string): string => `revocations/${id}.json`;

/** Keeps an approval with its signature; returns its id. */
export async function keepApproval(repository: ReleaseRepository, approval: Approval, signature: string): Promise<string> {
  const id = approvalId(approval);
  await addFiles(repository, `Approval ${id} by ${approval.approver} for ${approval.environment}`, async () => [
    { path: path(id), text: approvalFile(approval) },
    { path: `${path(id)}.sig`, text: signature },
  ]);
  return id;
}

/**
 * Takes an approval back. It needs no signature: whoever can write here may stop a release, and nobody may start one so.
 * @throws PersonError where there is no such approval
 */
export async function revokeApproval(repository: ReleaseRepository, asked: string, revocation: { readonly by: string; readonly at: string; readonly reason: string }): Promise<string> {
  let revoked = asked;
  await addFiles(repository, `Revoke approval ${asked}`, async (current) => {
    const known = (await keptApprovals(current)).map(({ approval }) => approvalId(approval)).filter((id) => id.startsWith(asked));
    const [id] = known;
    if (id === undefined || known.length > 1) throw new PersonError(`There is ${known.length === 0 ? "no approval" : "more than one approval"} "${asked}".`, { fix: "`jlam approve --list` shows them with their ids." });
    revoked = id;
    return [{ path: revocationPath(id), text: canonicalFile(revocation), replaces: true }];
  });
  return revoked;
}

/** All approvals that can be understood, the newest first. */
export async function keptApprovals(from: Snapshot): Promise<readonly KeptApproval[]> {
  const [files, revocations] = await Promise.all([filesBelow(from, "approvals"), filesBelow(from, "revocations")]);
  const found = [...files].flatMap(([name, text]): readonly KeptApproval[] => {
    const parsed = name.endsWith(".json") ? approvalSchema.safeParse(parseJson(text)) : undefined;
    if (parsed?.success !== true) return [];
    const id = name.slice("approvals/".length, -".json".length);
    return [{ approval: parsed.data, text, signature: files.get(`${name}.sig`) ?? "", revoked: reasonOf(revocations.get(revocationPath(id))) }];
  });
  return found.toSorted((a, b) => (a.approval.at < b.approval.at ? 1 : -1));
}

/** A revocation that can't be read is one all the same. */
function reasonOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const parsed: unknown = parseJson(text);
  return typeof parsed === "object" && parsed !== null && "reason" in parsed && typeof parsed.reason === "string" ? parsed.reason : "no reason was given";
}
