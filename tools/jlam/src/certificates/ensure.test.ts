import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer as createHttpsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { ensureLocalCertificates, type LocalCertificates } from "./ensure.ts";
import { issueAuthority, issueServer } from "./issue.ts";

const run = promisify(execFile);
const domain = "jlam.localhost";
const now = new Date("2026-11-22T12:00:00Z");
const later = (days: number): Date => new Date(now.getTime() + days * 86_400_000);

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "jlam-certificates-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

async function made(at = now): Promise<LocalCertificates & { readonly directory: string }> {
  const directory = join(await temporaryDirectory(), "ca");
  return { directory, ...(await ensureLocalCertificates({ directory, domain, now: at })) };
}

/** The outcome of `openssl verify` at a time: "OK", or what it says is wrong. */
async function verdict(authority: string, certificate: string, at: Date, ...options: readonly string[]): Promise<string> {
  const time = String(Math.floor(at.getTime() / 1000));
  return run("openssl", ["verify", "-x509_strict", "-attime", time, "-CAfile", authority, ...options, certificate]).then(
    () => "OK",
    (error: unknown) => String(error instanceof Error && "stderr" in error ? error.stderr : error),
  );
}

/** Serves the certificate, connects to it by a name, and says how the client judges it. */
async function handshake(files: LocalCertificates, name: string): Promise<string> {
  const server = createHttpsServer({ cert: await readFile(files.certificate), key: await readFile(files.key) });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const ca = await readFile(files.caCertificate);
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, servername: name, ca }, () => {
      resolve(socket.getProtocol() ?? "none");
      socket.destroy();
    });
    socket.on("error", (error) => resolve("code" in error ? String(error.code) : error.message));
  });
}

describe("the local certificates", () => {
  test("are accepted by openssl for the domain and any name below it, strictly and for servers", async () => {
    const { caCertificate, certificate } = await made();
    for (const name of [domain, `auth.${domain}`]) {
      expect(await verdict(caCertificate, certificate, now, "-purpose", "sslserver", "-verify_hostname", name)).toBe("OK");
    }
  });

  test("are refused by openssl for another name", async () => {
    const { caCertificate, certificate } = await made();
    expect(await verdict(caCertificate, certificate, now, "-verify_hostname", "example.org")).toContain("hostname mismatch");
  });

  test.each([domain, `auth.${domain}`])("open a TLS 1.3 connection to %s in Node", async (name) => {
    expect(await handshake(await made(new Date()), name)).toBe("TLSv1.3");
  });

  test("open no connection to another name", async () => {
    expect(await handshake(await made(new Date()), "example.org")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  test("an authority whose key was stolen can't speak for another domain", async () => {
    const directory = await temporaryDirectory();
    const authority = await issueAuthority(domain, now);
    const forged = await issueServer(authority, "example.org", now);
    await writeFile(join(directory, "authority.pem"), authority.certificate);
    await writeFile(join(directory, "forged.pem"), forged.certificate);
    expect(await verdict(join(directory, "authority.pem"), join(directory, "forged.pem"), now)).toContain("permitted subtree violation");
  });

  test("the server certificate is of P-256 and lives 90 days", async () => {
    const certificate = new X509Certificate(await readFile((await made()).certificate));
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    expect(certificate.validToDate).toEqual(later(90));
  });

  test("the authority's key is the owner's alone; the server's files are readable, in a directory that is not", async () => {
    const { directory, certificate, key } = await made();
    const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
    expect(await Promise.all([directory, join(directory, "authority.key"), certificate, key].map(modeOf))).toEqual(["700", "600", "444", "444"]);
  });
});

describe("asking again", () => {
  const again = (directory: string, at: Date, name = domain): Promise<LocalCertificates> => ensureLocalCertificates({ directory, domain: name, now: at });

  test("on the same day changes nothing", async () => {
    const { directory, certificate, key } = await made();
    const before = [await readFile(certificate), await readFile(key)];
    expect(await again(directory, now)).toMatchObject({ renewed: false, authorityRenewed: false });
    expect([await readFile(certificate), await readFile(key)]).toEqual(before);
  });

  test("with 30 days left keeps the certificate", async () => {
    const { directory } = await made();
    expect(await again(directory, later(60))).toMatchObject({ renewed: false });
  });

  test("with less than 30 days left renews it, from the same authority", async () => {
    const { directory, caCertificate, certificate } = await made();
    const authority = await readFile(caCertificate);
    expect(await again(directory, later(60.1))).toMatchObject({ renewed: true, authorityRenewed: false });
    expect(await readFile(caCertificate)).toEqual(authority);
    expect(await verdict(caCertificate, certificate, later(149))).toBe("OK");
  });

  test("when the authority ends before a server certificate would, renews both", async () => {
    const { directory } = await made();
    expect(await again(directory, later(3650 - 89))).toMatchObject({ renewed: true, authorityRenewed: true });
  });

  test("for another domain makes both anew", async () => {
    const { directory } = await made();
    expect(await again(directory, now, "other.localhost")).toMatchObject({ renewed: true, authorityRenewed: true });
  });

  test.each(["server.pem", "server.key"])("with a damaged %s makes a new server certificate", async (name) => {
    const { directory } = await made();
    await rm(join(directory, name));
    await writeFile(join(directory, name), "damaged");
    expect(await again(directory, now)).toMatchObject({ renewed: true, authorityRenewed: false });
  });

  test("with a certificate of another authority makes a new one", async () => {
    const { directory, certificate, key } = await made();
    const other = await issueServer(await issueAuthority(domain, now), domain, now);
    await Promise.all([certificate, key].map((path) => rm(path)));
    await writeFile(certificate, other.certificate);
    await writeFile(key, other.key);
    expect(await again(directory, now)).toMatchObject({ renewed: true, authorityRenewed: false });
  });
});
