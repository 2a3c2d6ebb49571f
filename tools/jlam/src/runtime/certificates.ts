/** The certificate of an environment whose https is served by this machine's own authority, and how to trust that. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { ensureLocalCertificates } from "../certificates/ensure.ts";
import { trustInstructions, type TrustPlatform } from "../certificates/trust.ts";
import { readIfThere } from "../secrets/private-file.ts";

export interface Issued {
  readonly certificate: string;
  readonly key: string;
  /** Path of the authority's certificate, which people and tests trust. */
  readonly authority: string;
}

/** Makes or keeps the certificate; one authority per domain, so that environments of one domain are trusted together. */
export async function issuedFor({ node }: ResolvedEnvironment, root: string): Promise<Issued | undefined> {
  if (node.certificates.kind !== "local-authority") return undefined;
  const directory = join(root, ".jlam", "certificates", node.domain);
  const made = await ensureLocalCertificates({ directory, domain: node.domain, now: new Date() });
  return { certificate: readFileSync(made.certificate, "utf8"), key: readFileSync(made.key, "utf8"), authority: made.caCertificate };
}

/** How this machine comes to trust the authority, line by line. */
export const trustLines = (authority: string): readonly string[] => [
  "Browsers warn until this machine trusts its own certificate authority:",
  ...trustInstructions(thisPlatform(), authority).split("\n").map((line) => `  ${line}`),
];

function thisPlatform(): TrustPlatform {
  if (process.platform === "darwin") return "macos";
  if (process.platform === "win32") return "windows";
  if (/microsoft/i.test(readIfThere("/proc/sys/kernel/osrelease") ?? "")) return "wsl";
  const release = parseEnv(readIfThere("/etc/os-release") ?? "");
  return /fedora|rhel/.test(`${release["ID"] ?? ""} ${release["ID_LIKE"] ?? ""}`) ? "fedora" : "debian";
}
