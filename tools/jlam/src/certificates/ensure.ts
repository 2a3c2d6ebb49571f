/** Keeps a local certificate authority and a server certificate in a directory, and renews them in time. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { authorityName, issueAuthority, issueServer, serverDays, type Issued } from "./issue.ts";

const day = 86_400_000;

/** A server certificate is renewed when it has fewer days left than this: a third of its life, as ACME clients do. */
const renewBelowDays = 30;

/** Where the certificates are, and what happened to them. */
export interface LocalCertificates {
  /** The authority's certificate, which people and tests trust. */
  readonly caCertificate: string;
  readonly certificate: string;
  readonly key: string;
  /** The server certificate is a new one: whatever serves it must read it again. */
  readonly renewed: boolean;
  /** The authority is a new one: whoever trusted the former has to trust it again. */
  readonly authorityRenewed: boolean;
}

export interface EnsureOptions {
  /** Kept at mode 0700; made when it isn't there. */
  readonly directory: string;
  /** The certificate is for this name and every name directly below it. */
  readonly domain: string;
  readonly now: Date;
}

/**
 * Makes an authority and a server certificate, or keeps those that are there: an authority while it outlives a server
 * certificate, a server certificate while it has {@link renewBelowDays} days left, fits its key and names, and comes
 * from this authority. What is damaged is replaced. A second call changes nothing.
 *
 * The authority's key is 0600 and never leaves the directory. The server's files are 0444 inside the directory's 0700,
 * so that a container that gets one of them mounted reads it whatever its user is, and nobody else on the host does.
 */
export async function ensureLocalCertificates({ directory, domain, now }: EnsureOptions): Promise<LocalCertificates> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const paths = {
    caCertificate: join(directory, "authority.pem"),
    caKey: join(directory, "authority.key"),
    certificate: join(directory, "server.pem"),
    key: join(directory, "server.key"),
  };

  const keptAuthority = await readIssued(paths.caCertificate, paths.caKey);
  const authorityRenewed = keptAuthority === undefined || !isGoodAuthority(keptAuthority, domain, now);
  const authority = authorityRenewed ? await issueAuthority(domain, now) : keptAuthority;
  if (authorityRenewed) {
    await writeWhole(paths.caKey, authority.key, 0o600);
    await writeWhole(paths.caCertificate, authority.certificate, 0o444);
  }

  const keptServer = await readIssued(paths.certificate, paths.key);
  const renewed = keptServer === undefined || !isGoodServer(keptServer, authority, domain, now);
  if (renewed) {
    const server = await issueServer(authority, domain, now);
    await writeWhole(paths.key, server.key, 0o444);
    await writeWhole(paths.certificate, server.certificate, 0o444);
  }
  const { caCertificate, certificate, key } = paths;
  return { caCertificate, certificate, key, renewed, authorityRenewed };
}

function isGoodAuthority(authority: Issued, domain: string, now: Date): boolean {
  const certificate = parsed(authority);
  if (certificate === undefined) return false;
  const isOfDomain = certificate.subject.split("\n").includes(`CN=${authorityName(domain)}`);
  return certificate.ca && isOfDomain && daysLeft(certificate, now) > serverDays;
}

function isGoodServer(server: Issued, authority: Issued, domain: string, now: Date): boolean {
  const certificate = parsed(server);
  const issuer = parsed(authority);
  if (certificate === undefined || issuer === undefined) return false;
  return (
    certificate.verify(issuer.publicKey) &&
    certificate.checkHost(domain) !== undefined &&
    certificate.checkHost(`any.${domain}`) !== undefined &&
    daysLeft(certificate, now) >= renewBelowDays
  );
}

/** The certificate, or undefined when it or its key can't be read, or they don't belong together. */
function parsed(issued: Issued): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(issued.certificate);
    return certificate.checkPrivateKey(createPrivateKey(issued.key)) ? certificate : undefined;
  } catch {
    return undefined;
  }
}

/** Negative after its end; none while it has not begun, which happens when the clock was wrong. */
function daysLeft(certificate: X509Certificate, now: Date): number {
  return certificate.validFromDate > now ? 0 : (certificate.validToDate.getTime() - now.getTime()) / day;
}

async function readIssued(certificate: string, key: string): Promise<Issued | undefined> {
  try {
    return { certificate: await readFile(certificate, "utf8"), key: await readFile(key, "utf8") };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Never leaves half a file behind, nor one that was readable for a moment. */
async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const unfinished = `${path}.new`;
  await writeFile(unfinished, text, { mode: 0o600 });
  await chmod(unfinished, mode);
  await rename(unfinished, path);
}
