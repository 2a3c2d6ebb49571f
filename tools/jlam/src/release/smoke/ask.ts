/** One request of a smoke run: to the public name, or to another address that answers for it. */
import { request as plainRequest, type IncomingMessage } from "node:http";
import { request as tlsRequest } from "node:https";
import type { PeerCertificate } from "node:tls";
import { TLSSocket } from "node:tls";

/** Where the checks are asked, if not where the names lead: the published ports of a machine, or a preview of one. */
export interface Through {
  readonly host: string;
  /** Port that answers for https addresses. */
  readonly port: number;
  /** Port that answers for http addresses; undefined: redirects can't be asked here. */
  readonly httpPort: number | undefined;
  /** Whether `port` speaks TLS; a preview within the host need not. */
  readonly tls: boolean;
}

export interface AskOptions {
  readonly through?: Through | undefined;
  /** Certificates that are trusted beside the system's, as PEM. */
  readonly authority?: string | undefined;
  /** Longest wait for an answer, in milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** The first 4 KiB. */
  readonly text: string;
  /** Of the connection; undefined without TLS. */
  readonly certificate: PeerCertificate | undefined;
}

const textLimit = 4096;

/** GETs `url` without following redirects. Rejects with what went wrong, in OpenSSL's or the system's words. */
export async function ask(url: string, { through, authority, timeout, signal }: AskOptions): Promise<Answer> {
  const { hostname, host, pathname, search, protocol, port } = new URL(url);
  const secure = protocol === "https:";
  const address = through ?? { host: hostname, port: Number(port === "" ? 443 : port), httpPort: Number(port === "" ? 80 : port), tls: true };
  const options = {
    host: address.host,
    port: secure ? address.port : address.httpPort,
    path: `${pathname}${search}`,
    headers: { host, "user-agent": "jlam-smoke" },
    timeout,
    agent: false as const,
    ...(signal && { signal }),
  };
  return await new Promise((resolve, reject) => {
    const take = (response: IncomingMessage): void => {
      const certificate = response.socket instanceof TLSSocket ? response.socket.getPeerCertificate() : undefined;
      const parts: Buffer[] = [];
      let length = 0;
      response.on("data", (part: Buffer) => {
        if (length < textLimit) parts.push(part);
        length += part.length;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(parts).toString("utf8").slice(0, textLimit), certificate }));
      response.on("error", reject);
    };
    const asked = secure && address.tls ? tlsRequest({ ...options, servername: hostname, ...(authority !== undefined && { ca: authority }) }, take) : plainRequest(options, take);
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    asked.on("error", reject);
    asked.end();
  });
}
