/** Which handshakes Traefik accepts. A refusal counts only as the server's own alert, not as this client's reluctance. */
import { X509Certificate } from "node:crypto";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { describe, expect, inject, test } from "vitest";
import { domain, httpsPort } from "./stack/https.ts";

/** Lets OpenSSL offer what it would keep back by itself. */
const anything = "ALL:@SECLEVEL=0";

interface Handshake {
  readonly protocol: string | null;
  readonly cipher: string;
  readonly certificate: X509Certificate | undefined;
}

async function handshake(options: ConnectionOptions): Promise<Handshake> {
  const socket = connect({ host: "127.0.0.1", port: httpsPort, servername: domain, ca: inject("authority"), ...options });
  try {
    await new Promise<void>((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject).setTimeout(5_000, () => reject(new Error("no answer in 5 s"))));
    return { protocol: socket.getProtocol(), cipher: socket.getCipher().standardName, certificate: certificateOf(socket) };
  } finally {
    socket.destroy();
  }
}

const certificateOf = (socket: TLSSocket): X509Certificate | undefined => socket.getPeerX509Certificate();

/** OpenSSL's code of the alert that the server sent, or what happened instead. */
async function alert(options: ConnectionOptions): Promise<string> {
  return handshake(options).then(
    ({ protocol, cipher }) => `accepted: ${protocol ?? ""} ${cipher}`,
    (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : String(error)),
  );
}

describe("versions", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)("%s is accepted", async (version) => {
    expect((await handshake({ minVersion: version, maxVersion: version })).protocol).toBe(version);
  });

  test.each(["TLSv1", "TLSv1.1"] as const)("%s is refused", async (version) => {
    expect(await alert({ minVersion: version, maxVersion: version, ciphers: anything })).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
  });
});

describe("ciphers of TLS 1.2", () => {
  const only = (ciphers: string): ConnectionOptions => ({ minVersion: "TLSv1.2", maxVersion: "TLSv1.2", ciphers: `${ciphers}:@SECLEVEL=0` });

  test.each([
    ["ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256", "AES_128_GCM_SHA256"],
    ["ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305", "CHACHA20_POLY1305_SHA256"],
  ])("%s is accepted", async (ciphers, name) => {
    expect((await handshake(only(ciphers))).cipher).toContain(name);
  });

  test.each([
    ["CBC", "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256"],
    ["no forward secrecy", "AES128-SHA:AES128-GCM-SHA256:AES256-GCM-SHA384"],
    ["finite-field key exchange", "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384"],
  ])("%s is refused", async (_, ciphers) => {
    expect(await alert(only(ciphers))).toMatch(/^ERR_SSL_(SSL\/TLS|SSLV3|TLSV1)_ALERT_HANDSHAKE_FAILURE$/);
  });
});

describe("names", () => {
  test.each(["example.org", "jlam.nl", `a.b.${domain}`])("a visitor who asks for %s gets no certificate", async (servername) => {
    expect(await alert({ servername, rejectUnauthorized: false })).toBe("ERR_SSL_TLSV1_UNRECOGNIZED_NAME");
  });

  test("a visitor who says no name gets no certificate", async () => {
    expect(await alert({ servername: "", rejectUnauthorized: false })).toBe("ERR_SSL_TLSV1_UNRECOGNIZED_NAME");
  });

  test.each([domain, `mail.${domain}`])("%s has a certificate that the local authority signed, for 90 days at most", async (servername) => {
    const { certificate } = await handshake({ servername });
    expect(certificate?.checkHost(servername)).toBeDefined();
    expect(certificate?.verify(new X509Certificate(inject("authority")).publicKey)).toBe(true);
    const days = ((certificate?.validToDate.getTime() ?? Infinity) - (certificate?.validFromDate.getTime() ?? 0)) / 86_400_000;
    expect(days).toBeLessThanOrEqual(91);
  });

  test("without the local authority the certificate is not trusted", async () => {
    expect(await alert({ ca: [] })).toMatch(/SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY/);
  });
});
