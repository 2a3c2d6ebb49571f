/** One request of a smoke run: to the public name, or to another address that answers for it. */
import { request as plainRequest, type IncomingMessage } from "node:http";
import { request as tlsRequest } from "node:https";
import { TLSSocket } from "node:tls";

/** Where the checks are asked, if not where the names lead: the published ports of a machine, or a preview of one. */
export interface Through {
  readonly host: string;
  /** Port that answers for https addresses. */
  readonly port: number;
  /** Port that answers for http addresses. */
  readonly httpPort: number;
}

export interface AskOptions {
  readonly through?: Through | undefined;
  /** Certificates that are trusted beside the system's, as PEM. */
  readonly authority?: string | undefined;
  /** Any certificate will do, where it is known otherwise who is asked: through the SSH connection to a host. */
  readonly anyCertificate?: boolean;
  /** Longest wait for an answer, in milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  /** By lower-case name; several of one name joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** The first 4 KiB. */
  readonly text: string;
  /** When the certificate of the connection ends; undefined without TLS. */
  readonly certificateEnds: Date | undefined;
}

/** Asks an address once, without following redirects; rejects with what went wrong, in words. */
export type Ask = (url: string) => Promise<Answer>;

const textLimit = 4096;

/** Asks as a visitor does: by the public name or through `through`, the certificate verified unless it is said otherwise. */
export const visitor = (options: AskOptions): Ask => (url) => ask(url, options);

async function ask(url: string, { through, authority, anyCertificate = false, timeout, signal }: AskOptions): Promise<Answer> {
  const { hostname, host, pathname, search, protocol, port } = new URL(url);
  const secure = protocol === "https:";
  const own = Number(port === "" ? (secure ? 443 : 80) : port);
  const options = {
    host: through?.host ?? hostname,
    port: through ? (secure ? through.port : through.httpPort) : own,
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
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(Object.entries(response.headersDistinct).map(([name, values = []]) => [name, values.join(", ")])),
          text: Buffer.concat(parts).toString("utf8").slice(0, textLimit),
          certificateEnds: certificate && new Date(certificate.valid_to),
        }),
      );
      response.on("error", reject);
    };
    const asked = secure ? tlsRequest({ ...options, servername: hostname, rejectUnauthorized: !anyCertificate, ...(authority !== undefined && { ca: authority }) }, take) : plainRequest(options, take);
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    asked.on("error", reject);
    asked.end();
  });
}
