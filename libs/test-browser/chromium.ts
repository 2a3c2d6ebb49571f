/** Debian's Chromium for tests: it finds one platform's hosts on this machine, nobody else anywhere, and trusts its key alone. */
import { createHash, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { connect } from "node:tls";
import { chromium, type Browser } from "playwright-core";

/** Where Debian's and Ubuntu's packages put it. */
const program = "/usr/bin/chromium";

/** Why there is no browser; undefined where there is one. */
export const chromiumMissing: string | undefined = existsSync(program) ? undefined : `no browser at ${program}`;

/** Where a platform answers on 127.0.0.1, and the authority whose certificates are right there. */
export interface Platform {
  readonly domain: string;
  readonly port: number;
  /** PEM. */
  readonly authority: string;
}

/**
 * The public key of the certificate that is served, as Chromium names keys: SHA-256 in base64.
 * @throws Error when the authority didn't sign that certificate
 */
export async function servedKey({ domain, port, authority }: Platform): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port, servername: domain, ca: authority });
  try {
    await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
    const certificate = socket.getPeerX509Certificate() ?? new X509Certificate("");
    return createHash("sha256").update(certificate.publicKey.export({ type: "spki", format: "der" })).digest("base64");
  } finally {
    socket.destroy();
  }
}

/** Starts it; it accepts certificates with `key`, and refuses any other of this authority. Close it. */
export const launchChromium = async (domain: string, key: string): Promise<Browser> =>
  await chromium.launch({
    executablePath: program,
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      // Controls of its own, such as that for dates, speak the language of its window and not of the page.
      "--lang=nl-NL",
      `--host-resolver-rules=MAP ${domain} 127.0.0.1, MAP *.${domain} 127.0.0.1, MAP * ~NOTFOUND`,
      `--ignore-certificate-errors-spki-list=${key}`,
    ],
  });
