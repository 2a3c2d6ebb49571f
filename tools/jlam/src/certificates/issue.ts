/** Makes the certificates of a local authority: its own, and one for the server. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { GeneralName, GeneralSubtree, GeneralSubtrees, id_ce_nameConstraints, NameConstraints } from "@peculiar/asn1-x509";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate and its private key, as PEM texts. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const day = 86_400_000;

/** Certificates begin an hour early, for clocks that are behind: those of WSL and of virtual machines often are. */
const early = 3_600_000;

/** Days that the authority is valid: people trust it once and should not have to again soon. */
const authorityDays = 3650;

/** Days that a server certificate is valid; browsers refuse more than 398 (CA/Browser Forum, ballot SC31). */
export const serverDays = 90;

/** How trust stores list the authority of a domain. */
export function authorityName(domain: string): string {
  return `JLAM local authority for ${domain}`;
}

/**
 * A certificate authority that can speak for one domain only: name constraints (RFC 5280, section 4.2.1.10) forbid it
 * every other name, and every IP address, so that trusting it risks nothing elsewhere even if its key is stolen.
 */
export async function issueAuthority(domain: string, now: Date): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${authorityName(domain)}, O=JLAM`,
      serialNumber: serialNumber(),
      notBefore: new Date(now.getTime() - early),
      notAfter: new Date(now.getTime() + authorityDays * day),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        // No authority below it: it signs servers itself.
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        nameConstraints(domain),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { certificate: pem(certificate), key: await privateKeyText(keys.privateKey) };
}

/** A server certificate for the domain and every name directly below it, signed by the authority. */
export async function issueServer(authority: Issued, domain: string, now: Date): Promise<Issued> {
  const issuer = new X509Certificate(authority.certificate);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.create(
    {
      subject: `CN=${domain}`,
      issuer: issuer.subject,
      serialNumber: serialNumber(),
      notBefore: new Date(now.getTime() - early),
      notAfter: new Date(now.getTime() + serverDays * day),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: await privateKey(authority.key),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension([{ type: "dns", value: domain }, { type: "dns", value: `*.${domain}` }]),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { certificate: pem(certificate), key: await privateKeyText(keys.privateKey) };
}

function nameConstraints(domain: string): Extension {
  const subtree = (name: Partial<GeneralName>): GeneralSubtree => new GeneralSubtree({ base: new GeneralName(name) });
  const constraints = new NameConstraints({
    permittedSubtrees: new GeneralSubtrees([subtree({ dNSName: domain })]),
    excludedSubtrees: new GeneralSubtrees([subtree({ iPAddress: "0.0.0.0/0" }), subtree({ iPAddress: "::/0" })]),
  });
  return new Extension(id_ce_nameConstraints, true, AsnConvert.serialize(constraints));
}

/** 16 random bytes, the first bit zero so that the number is positive (RFC 5280, section 4.1.2.2). */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

async function privateKeyText(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
}

function privateKey(text: string): Promise<webcrypto.CryptoKey> {
  const bytes = Buffer.from(text.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64");
  return webcrypto.subtle.importKey("pkcs8", bytes, algorithm, false, ["sign"]);
}
