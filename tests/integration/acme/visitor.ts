/** Requests as a visitor makes them who trusts the authority and nothing else. */
import type { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { Agent, request } from "undici";
import { toLoopback } from "./authority.ts";
import { acmeTest } from "./environment.ts";

const { address, https } = acmeTest.node.publishing;

/**
 * The certificate that a host is served with, its chain and name verified against `root`.
 * @throws the error of the handshake, such as the alert that the server sent
 */
export function servedCertificate(host: string, root: string): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: https, servername: host, ca: root, timeout: 5_000 }, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate === undefined) reject(new Error(`${host} was served without a certificate`));
      else resolve(certificate);
    });
    socket.on("error", reject).on("timeout", () => socket.destroy(new Error("no handshake within 5 s")));
  });
}

/** Status and body of `https://<host>/`, on a connection of its own, so that each request makes a handshake. */
export async function visit(host: string, root: string): Promise<{ readonly status: number; readonly text: string }> {
  const agent = new Agent({ connect: { ca: root, lookup: toLoopback, timeout: 5_000 }, pipelining: 0 });
  try {
    const { statusCode, body } = await request(`https://${host}:${https}/`, { dispatcher: agent, headersTimeout: 5_000 });
    return { status: statusCode, text: await body.text() };
  } finally {
    await agent.close();
  }
}
