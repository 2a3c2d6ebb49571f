/**
 * Visitors at a fixed rate, whether answers come or not (an open model), from outside the host and over TLS. Every
 * request is recorded: what became of it, and which version answered.
 */
import { randomUUID } from "node:crypto";
import { Agent, request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { WebSocket } from "ws";

export const kinds = ["get", "new connection", "order", "slow", "upload", "events", "socket"] as const;
export type Kind = (typeof kinds)[number];

export interface Visit {
  readonly kind: Kind;
  /** Milliseconds since the load began. */
  readonly began: number;
  readonly ended: number;
  /** Undefined where it failed. */
  readonly version: number | undefined;
  readonly failure: string | undefined;
}

export interface LoadOptions {
  readonly address: string;
  readonly domain: string;
  /** PEM of the authority that the edge's certificate is from. */
  readonly authority: string;
  /** Requests per second, all kinds together. */
  readonly rate: number;
  /** Never more requests than these, whatever happens. */
  readonly most: number;
}

export interface Load {
  /** Milliseconds since it began. */
  readonly now: () => number;
  readonly visits: readonly Visit[];
  /** Keys of the orders that were acknowledged. */
  readonly acknowledged: ReadonlySet<string>;
  /** Ends it: no new visits, those under way are waited for. */
  readonly stop: () => Promise<void>;
}

/** Shares of the kinds that come and go, of a hundred; streams are open all the time. */
const shares: readonly (readonly [Kind, number])[] = [["get", 58], ["new connection", 18], ["order", 18], ["slow", 2], ["upload", 4]];
/** Longest wait for an answer, in milliseconds: slow ones take three seconds. */
const patience = 15_000;
const upload = Buffer.alloc(128 * 1024, "u");
/** How many of each kind of stream are kept open. */
const streamsOfEach = 3;

/** Begins the load. */
export function startLoad({ address, domain, authority, rate, most }: LoadOptions): Load {
  const zero = performance.now();
  const now = (): number => performance.now() - zero;
  const visits: Visit[] = [];
  const acknowledged = new Set<string>();
  const underWay = new Set<Promise<void>>();
  const ending = new AbortController();
  const isOver = (): boolean => ending.signal.aborted;
  const lookup: LookupFunction = (_, options, done) => (options.all === true ? done(null, [{ address, family: 4 }]) : done(null, address, 4));
  const tls = { ca: authority, servername: domain, lookup };
  const pool = new Pool(`https://${domain}`, { connect: tls, connections: 100, headersTimeout: patience, bodyTimeout: patience });

  const record = (kind: Kind, visit: () => Promise<{ readonly status: number; readonly body: string }>): void => {
    const began = now();
    const promise = visit().then(
      ({ status, body }) => {
        const failure = status >= 400 ? `status ${status}` : undefined;
        visits.push({ kind, began, ended: now(), version: failure === undefined ? Number.parseInt(body, 10) : undefined, failure });
      },
      (error: unknown) => {
        const { code, message } = error as { readonly code?: string; readonly message?: string };
        visits.push({ kind, began, ended: now(), version: undefined, failure: code ?? message ?? String(error) });
      },
    );
    underWay.add(promise);
    void promise.finally(() => underWay.delete(promise));
  };
  const pooled = async (path: string, options: { readonly method?: "GET" | "POST"; readonly headers?: Record<string, string>; readonly body?: Buffer | string } = {}) => {
    const { statusCode, body } = await pool.request({ path, method: "GET", ...options });
    return { status: statusCode, body: await body.text() };
  };
  const visit: Readonly<Record<Exclude<Kind, "events" | "socket">, () => Promise<{ readonly status: number; readonly body: string }>>> = {
    get: () => pooled("/"),
    "new connection": () => once({ ...tls, domain, path: "/" }),
    slow: () => pooled("/slow?ms=3000"),
    upload: () => pooled("/upload", { method: "POST", body: upload }),
    async order() {
      const key = randomUUID();
      const answer = await pooled("/orders", { method: "POST", headers: { "idempotency-key": key }, body: "{}" });
      if (answer.status < 300) acknowledged.add(key);
      return answer;
    },
  };

  const arrivals = (async () => {
    const schedule = shares.flatMap(([kind, share]) => Array.from({ length: share }, () => kind));
    for (let number = 0; !isOver() && number < most; number += 1) {
      // Times are counted from the beginning: who is late catches up, so that the rate doesn't sink with the answers.
      const due = (number * 1000) / rate;
      const early = due - now();
      if (early > 0) await sleep(early);
      // 37 has no divisor in common with 100, so that kinds are mixed evenly.
      const kind = schedule[(number * 37) % schedule.length];
      if (kind !== undefined && kind !== "events" && kind !== "socket") record(kind, visit[kind]);
    }
  })();
  const streams = Array.from({ length: streamsOfEach }, () => [keepEvents(), keepSocket()]).flat();

  /** Reads server-sent events for as long as the load lasts; connects anew when the stream ends cleanly, as browsers do. */
  async function keepEvents(): Promise<void> {
    while (!isOver()) {
      const began = now();
      const add = (version: number | undefined, failure?: string): void => void visits.push({ kind: "events", began, ended: now(), version, failure });
      await new Promise<void>((resolve) => {
        const failed = (error: Error): void => {
          if (!isOver()) add(undefined, `stream: ${error.message}`);
          resolve();
        };
        const asked = httpsRequest({ ...tls, host: domain, path: "/events", agent: false, signal: ending.signal }, (response) => {
          if (response.statusCode !== 200) failed(new Error(`status ${response.statusCode}`));
          response.setEncoding("utf8").on("data", (text: string) => {
            const version = /data: (\d+)/.exec(text)?.[1];
            if (version !== undefined) visits.push({ kind: "events", began: now(), ended: now(), version: Number(version), failure: undefined });
          });
          response.once("error", failed).once("end", resolve);
        });
        asked.once("error", failed).end();
      });
      if (!isOver()) await sleep(50);
    }
  }

  /** Asks over a WebSocket again and again; connects anew when it is told that the service restarts. */
  async function keepSocket(): Promise<void> {
    while (!isOver()) {
      await new Promise<void>((resolve) => {
        const socket = new WebSocket(`wss://${domain}/socket`, { agent: new Agent(tls) });
        let asked = now();
        let timer: NodeJS.Timeout | undefined;
        const ask = (): void => {
          asked = now();
          if (socket.readyState === WebSocket.OPEN) socket.send("which version?");
        };
        socket.on("message", (data: Buffer) => {
          visits.push({ kind: "socket", began: asked, ended: now(), version: Number(data.toString()), failure: undefined });
          timer = setTimeout(ask, 200);
        });
        socket.once("open", ask);
        // 1012 "service restart", 1001 "going away", 1000: ends that are said. 1006 is a connection that was just cut.
        socket.once("close", (code) => {
          if (timer !== undefined) clearTimeout(timer);
          ending.signal.removeEventListener("abort", end);
          if (!isOver() && ![1000, 1001, 1012].includes(code)) visits.push({ kind: "socket", began: asked, ended: now(), version: undefined, failure: `closed with ${code}` });
          resolve();
        });
        socket.on("error", () => undefined);
        const end = (): void => socket.close(1000);
        ending.signal.addEventListener("abort", end);
      });
      if (!isOver()) await sleep(50);
    }
  }

  return {
    now,
    visits,
    acknowledged,
    async stop() {
      ending.abort();
      await arrivals;
      await Promise.all(underWay);
      await Promise.race([Promise.all(streams), sleep(3000)]);
      await pool.close();
    },
  };
}

/** A request on a connection of its own. */
export function once({ domain, path, ...tls }: { readonly domain: string; readonly path: string; readonly ca: string; readonly servername: string; readonly lookup: LookupFunction }): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const asked = httpsRequest({ ...tls, host: domain, path, agent: false, timeout: patience }, (response) => {
      const parts: string[] = [];
      response.setEncoding("utf8").on("data", (part: string) => parts.push(part));
      response.once("error", reject).once("end", () => resolve({ status: response.statusCode ?? 0, body: parts.join("") }));
    });
    asked.once("timeout", () => asked.destroy(new Error("no answer"))).once("error", reject).end();
  });
}
