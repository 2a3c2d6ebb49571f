/** A proxy before an object store that does what networks and stores do on bad days: one decision for each request. */
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What S3 calls the request. */
export type Operation =
  | "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload" | "AbortMultipartUpload"
  | "PutObject" | "GetObject" | "HeadObject" | "DeleteObject" | "Bucket";

export interface Asked {
  readonly operation: Operation;
  readonly path: string;
}

/** What happens to a request instead of its being forwarded. */
export type Fault =
  | { readonly kind: "answer"; readonly status: number; readonly body: string }
  /** Never answers. */
  | { readonly kind: "hang" }
  /** Ends the connection after so many bytes of the request's body. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** Says yes and forgets it. */
  | { readonly kind: "lose" }
  /** Forwards it, and ends the connection instead of answering. */
  | { readonly kind: "swallow-answer" }
  /** Ends the connection after so many bytes of the answer's body. */
  | { readonly kind: "cut-answer"; readonly afterBytes: number }
  /** Changes one bit of what is answered. */
  | { readonly kind: "flip"; readonly at: number }
  /** Forwards it after the promise. */
  | { readonly kind: "hold"; readonly until: Promise<void> };

export interface FaultyStore {
  readonly port: number;
  /** Decides about each request from now on; counts afresh. */
  misbehave(decide: (asked: Asked) => Fault | undefined): void;
  /** How many requests were harmed since then: a test in which none was has tested nothing. */
  bites(): number;
  close(): Promise<void>;
}

const serverError = (status: number, code: string): Fault => ({ kind: "answer", status, body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>made to fail</Message></Error>` });
export const internalError = serverError(500, "InternalError");
export const slowDown = serverError(503, "SlowDown");
/** What S3 may do when completing takes long: a good status, and the error in its body. */
export const errorBody = serverError(200, "InternalError");

/** Listens on a port of its own and hands requests on to `host`:`port`. */
export async function startFaultyStore(host: string, port: number): Promise<FaultyStore> {
  let decide: (asked: Asked) => Fault | undefined = () => undefined;
  let bites = 0;
  const server = createServer((incoming, answer) => {
    const fault = decide({ operation: operationOf(incoming), path: incoming.url ?? "" });
    if (fault) bites += 1;
    incoming.on("error", () => undefined);
    answer.on("error", () => undefined);
    act(fault, incoming, answer, { host, port });
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    misbehave: (next) => {
      decide = next;
      bites = 0;
    },
    bites: () => bites,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function operationOf({ method, url = "" }: IncomingMessage): Operation {
  const { pathname, searchParams } = new URL(url, "http://store");
  if (!/^\/[^/]+\/./.test(pathname)) return "Bucket";
  const ofUpload = searchParams.has("uploadId");
  switch (method) {
    case "POST":
      return ofUpload ? "CompleteMultipartUpload" : "CreateMultipartUpload";
    case "PUT":
      return ofUpload ? "UploadPart" : "PutObject";
    case "DELETE":
      return ofUpload ? "AbortMultipartUpload" : "DeleteObject";
    case "HEAD":
      return "HeadObject";
    default:
      return "GetObject";
  }
}

function act(fault: Fault | undefined, incoming: IncomingMessage, answer: ServerResponse, target: { readonly host: string; readonly port: number }): void {
  switch (fault?.kind) {
    case "answer":
      incoming.resume().on("end", () => answer.writeHead(fault.status, { "content-type": "application/xml" }).end(fault.body));
      return;
    case "hang":
      incoming.resume();
      return;
    case "cut": {
      let seen = 0;
      incoming.on("data", (chunk: Buffer) => {
        seen += chunk.length;
        if (seen >= fault.afterBytes) incoming.socket.destroy();
      });
      return;
    }
    case "lose":
      incoming.resume().on("end", () => answer.writeHead(200, { etag: '"00000000000000000000000000000000"' }).end());
      return;
    case "hold":
      void fault.until.then(() => handOn(incoming, answer, target, undefined));
      return;
    case "swallow-answer":
    case "cut-answer":
    case "flip":
    case undefined:
      handOn(incoming, answer, target, fault);
  }
}

function handOn(incoming: IncomingMessage, answer: ServerResponse, target: { readonly host: string; readonly port: number }, fault: Fault | undefined): void {
  const outgoing = forward({ ...target, method: incoming.method, path: incoming.url, headers: incoming.headers, agent: false }, (response) => {
    if (fault?.kind === "swallow-answer") {
      response.resume().on("end", () => incoming.socket.destroy());
      return;
    }
    answer.writeHead(response.statusCode ?? 502, response.headers);
    if (fault?.kind !== "flip" && fault?.kind !== "cut-answer") return void response.pipe(answer);
    let passed = 0;
    response.on("data", (chunk: Buffer) => {
      const at = fault.kind === "flip" ? fault.at - passed : -1;
      passed += chunk.length;
      if (fault.kind === "cut-answer" && passed >= fault.afterBytes) return void incoming.socket.destroy();
      if (at >= 0 && at < chunk.length) chunk[at] = (chunk[at] ?? 0) ^ 1;
      answer.write(chunk);
    }).on("end", () => answer.end());
  });
  outgoing.on("error", () => answer.destroy());
  incoming.pipe(outgoing);
}
