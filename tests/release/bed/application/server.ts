/**
 * The small application that the test bed releases: it says which version it is, counts orders in its database, answers
 * slowly, takes uploads, and keeps streams open. MODE, given when its image is built, makes it a bad release.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createClient } from "@redis/client";
import { WebSocketServer } from "ws";

const env = (name: string): string => process.env[name] ?? "";
const version = Number(readFileSync("/app/version", "utf8"));
const mode = readFileSync("/app/mode", "utf8").trim();

/** Longer than the proxy keeps an idle connection (90 s), or it sends requests into closed ones. Milliseconds. */
const keepAlive = 100_000;

const streams = new Set<() => void>();
let inFlight = 0;
let stopping = false;
const born = Date.now();

if (mode === "crash") throw new Error("this release can't start");
if (mode === "hungry") {
  const eaten: Buffer[] = [];
  setInterval(() => {
    eaten.push(Buffer.alloc(16 * 1024 * 1024, 1));
    process.stdout.write(`${eaten.length * 16} MiB eaten\n`);
  }, 50);
}

const database = createClient({
  username: env("ORDERS_USER"),
  password: readFileSync(env("ORDERS_PASSWORD_FILE"), "utf8"),
  socket: { host: env("ORDERS_HOST"), port: Number(env("ORDERS_PORT")) },
});
// The client connects anew by itself; what could not be done meanwhile is answered with 503.
database.on("error", () => undefined);
await database.connect();

const text = (response: ServerResponse, status: number, body: string): void => void response.writeHead(status, { "content-type": "text/plain", "x-version": String(version) }).end(body);

/** Whether a bad release shows by now what is wrong with it. */
const isBad = (): boolean => mode === "fails" || (mode === "fails-later" && Date.now() - born > 8000);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://application");
  if (pathname === "/health") return text(response, mode === "unhealthy" || stopping || (mode === "slow-start" && Date.now() - born < 15_000) ? 503 : 200, "");
  if (isBad()) return text(response, 500, "broken");
  if (mode === "slow" && pathname !== "/health") await new Promise((resolve) => setTimeout(resolve, 1500));
  switch (pathname) {
    case "/slow":
      await new Promise((resolve) => setTimeout(resolve, Number(searchParams.get("ms") ?? "3000")));
      return text(response, 200, String(version));
    case "/orders": {
      if (request.method === "GET") {
        const [orders, attempts] = await Promise.all([database.sMembers("orders"), database.sMembers("attempts")]);
        return text(response, 200, JSON.stringify({ orders, attempts: attempts.length }));
      }
      const key = String(request.headers["idempotency-key"]);
      for await (const _ of request);
      // Every arrival leaves a mark of its own, so that a request that somebody sent twice is seen.
      const [added] = await Promise.all([database.sAdd("orders", key), database.sAdd("attempts", `${key} ${randomUUID()}`)]);
      return text(response, added === 1 ? 201 : 200, String(version));
    }
    case "/upload": {
      let size = 0;
      for await (const chunk of request) size += (chunk as Buffer).length;
      return text(response, 200, `${version} ${size}`);
    }
    case "/events":
      return events(response);
    default:
      return text(response, 200, String(version));
  }
}

/** Says every 200 ms which version this is, until the stream is ended cleanly: a client then connects anew by itself. */
function events(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const timer = setInterval(() => response.write(`retry: 50\ndata: ${version}\n\n`), 200);
  const end = (): void => void response.end();
  streams.add(end);
  response.once("close", () => {
    clearInterval(timer);
    streams.delete(end);
  });
}

const server = createServer({ keepAliveTimeout: keepAlive, headersTimeout: keepAlive + 5000 }, (request, response) => {
  const counts = request.url !== "/health";
  if (counts) inFlight += 1;
  response.once("close", () => (inFlight -= counts ? 1 : 0));
  answer(request, response).catch(() => {
    if (response.headersSent) response.destroy();
    else text(response, 503, "the database does not answer");
  });
});

const sockets = new WebSocketServer({ server, path: "/socket" });
sockets.on("connection", (socket) => {
  inFlight += 1;
  // 1012 "service restart" (RFC 6455's registry): the client connects anew.
  const end = (): void => socket.close(1012);
  streams.add(end);
  socket.on("message", () => socket.send(String(version)));
  socket.once("close", () => {
    inFlight -= 1;
    streams.delete(end);
  });
});

const metrics = createServer((_, response) => {
  response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(`# TYPE http_requests_in_flight gauge\nhttp_requests_in_flight ${inFlight}\n`);
});

process.on("SIGUSR2", () => {
  for (const end of streams) end();
});
process.on("SIGTERM", () => {
  if (stopping) return;
  stopping = true;
  for (const end of streams) end();
  metrics.close();
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(1), 8000).unref();
});

metrics.listen(Number(env("METRICS_PORT")), "0.0.0.0");
server.listen(Number(env("HTTP_PORT")), "0.0.0.0");
