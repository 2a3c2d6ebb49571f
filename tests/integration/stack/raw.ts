/** Requests byte for byte, as no client library would send them: through Traefik, over TLS, the certificate verified. */
import { connect } from "node:tls";
import { inject } from "vitest";
import { ci } from "./environment.ts";
import { domain } from "./https.ts";

const { publishing } = ci.node;

/** What came back before the connection ended or nothing more came. */
export interface RawAnswer {
  /** Of each answer on the connection, in their order; empty where it was closed without one. */
  readonly statuses: readonly number[];
  readonly text: string;
}

/** The most that an answer may take once the first bytes came, in milliseconds. */
const quiet = 700;
/** The most until the first bytes, in milliseconds. */
const patience = 5_000;

/**
 * Sends `lines` as they are, each with CRLF at its end, and an empty line after them; then `body`.
 * @param server the name for TLS, which chooses the certificate
 */
export async function askRaw(lines: readonly string[], body = "", server: string = domain): Promise<RawAnswer> {
  const socket = connect({ host: publishing.address, port: publishing.https, servername: server, ca: inject("authority"), ALPNProtocols: ["http/1.1"] });
  const parts: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.setTimeout(patience, () => socket.destroy());
    socket.on("data", (part: Buffer) => {
      parts.push(part);
      socket.setTimeout(quiet);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => (error.code === "ECONNRESET" || error.code === "EPIPE" ? resolve() : reject(error)));
    socket.once("close", () => resolve());
    socket.once("secureConnect", () => socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1"));
  });
  const text = Buffer.concat(parts).toString("latin1");
  return { statuses: [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status)), text };
}
