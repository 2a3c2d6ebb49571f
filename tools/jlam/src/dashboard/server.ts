/** The dashboard: one page on 127.0.0.1 that shows an environment of this machine as it is. It changes nothing. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { takePicture, type Picture } from "../monitoring/picture.ts";
import { Unanswered } from "../monitoring/ask.ts";
import { loadRunning } from "../runtime/bootable.ts";
import { logLines } from "../runtime/logs.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { PersonError } from "../terminal/failure.ts";
import { documentPaths, documentText } from "./documents.ts";
import { refusalOf } from "./guard.ts";
import { recentTraces } from "./traces.ts";

export interface Dashboard {
  readonly port: number;
  /** What a page has to know; it is new for each server. */
  readonly token: string;
  readonly close: () => Promise<void>;
}

/** The page's files: without anything of the environment, so that they need no token. */
const page: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/style.css": ["style.css", "text/css; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
  "/icon.svg": ["icon.svg", "image/svg+xml"],
};

/** On every answer: nothing from elsewhere is loaded or run, nothing is kept, and no other page may show or read it. */
const headers = {
  "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** Lines of each service that are there when the log is opened. */
const tail = "50";

/** Starts it. Port 0 takes a free one. @throws PersonError for an unknown environment; Error where the port is taken */
export async function startDashboard({ environment, port = 0, root = repositoryRoot }: { readonly environment: string; readonly port?: number; readonly root?: string }): Promise<Dashboard> {
  await loadRunning(environment, root);
  const token = randomBytes(32).toString("base64url");
  const place: Place = { environment, root, picture: shared(() => takePicture(environment, root)) };
  const server = createServer((request, response) => {
    // Of a path, or of a name that was led here, only the path counts. What is no address has no page.
    const url = URL.parse(request.url ?? "/", "http://localhost") ?? new URL("http://localhost/nothing");
    const file = page[url.pathname];
    const refusal = refusalOf({ method: request.method, headers: request.headers, tells: file === undefined }, { port: portOf(server), token });
    if (refusal) return send(response, refusal.status, { message: refusal.message });
    if (file) return void response.writeHead(200, { ...headers, "content-type": file[1] }).end(readFileSync(join(import.meta.dirname, "page", file[0])));
    void answer(url, place, request, response).catch((error: unknown) => {
      if (response.headersSent) response.end();
      else send(response, 500, { message: error instanceof PersonError ? error.message : "This can't be told now.", ...(error instanceof PersonError && { fix: error.fix }) });
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    port: portOf(server),
    token,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Place {
  readonly environment: string;
  readonly root: string;
  readonly picture: () => Promise<Picture>;
}

async function answer(url: URL, { environment, root, picture }: Place, request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (url.pathname) {
    case "/api/alive":
      return send(response, 200, { environment, pid: process.pid });
    case "/api/picture":
      return send(response, 200, await picture());
    case "/api/logs":
      return await streamLogs(url.searchParams.getAll("service"), environment, root, request, response);
    case "/api/traces":
      return send(response, 200, await traces(environment, root));
    case "/api/documents":
      return send(response, 200, documentPaths(repositoryRoot));
    case "/api/document": {
      const text = documentText(repositoryRoot, url.searchParams.get("path") ?? "");
      return text === undefined ? send(response, 404, { message: "There is no such page." }) : send(response, 200, { text });
    }
    default:
      return send(response, 404, { message: "There is nothing here." });
  }
}

/** Traces, or why there are none: most environments can do without. */
async function traces(environment: string, root: string) {
  try {
    return { traces: await recentTraces(await loadRunning(environment, root)) };
  } catch (error) {
    if (error instanceof PersonError || error instanceof Unanswered) return { missing: error.message };
    throw error;
  }
}

/** One JSON object a line, as they come, until whoever reads goes away. Values of secrets are struck out. */
async function streamLogs(services: readonly string[], environment: string, root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  request.socket.once("close", () => gone.abort());
  response.writeHead(200, { ...headers, "content-type": "application/x-ndjson; charset=utf-8" }).flushHeaders();
  for await (const line of logLines({ environment, services, follow: true, tail, signal: gone.signal, root })) {
    // Whoever reads slower than it is written is waited for, so that nothing piles up here.
    if (!response.write(`${JSON.stringify(line)}\n`) && !gone.signal.aborted) await Promise.race([drained(response), closed(gone.signal)]);
    if (gone.signal.aborted) return;
  }
  response.end();
}

const drained = async (response: ServerResponse): Promise<unknown> => await new Promise((resolve) => response.once("drain", resolve));
const closed = async (signal: AbortSignal): Promise<unknown> => await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { ...headers, "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address();
  return address === null || typeof address === "string" ? 0 : address.port;
}

/** Pages that ask at the same time get the same answer: each look asks the engine of every container. */
function shared<T>(take: () => Promise<T>): () => Promise<T> {
  let under: Promise<T> | undefined;
  return async () => await (under ??= take().finally(() => (under = undefined)));
}
