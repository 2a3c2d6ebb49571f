/** Requests to the tested environment as a visitor makes them: through Traefik, over TLS, the certificate verified. */
import type { LookupFunction } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request, type Dispatcher } from "undici";
import { inject } from "vitest";
import { ci } from "./environment.ts";

const { publishing, domain } = ci.node;

export const httpsPort = publishing.https;
export const httpPort = publishing.http;
export { domain };

/** Names below .localhost need no resolver: the environment publishes on this machine's loopback. */
const toLoopback: LookupFunction = (_, options, done) =>
  options.all ? done(null, [{ address: publishing.address, family: 4 }]) : done(null, publishing.address, 4);

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  readonly text: string;
}

export interface Asked {
  readonly method?: Dispatcher.HttpMethod;
  /** Pairs in the order they are sent, so that a header's name stays as it is written. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  readonly agent?: Agent;
  /** Takes "too many requests" for an answer. Otherwise it waits, since tests ask faster than any person. */
  readonly impatient?: boolean;
}

/** An agent of its own, where connections must not be shared. Close it. */
export const visitor = (connections?: number): Agent =>
  new Agent({ connect: { ca: inject("authority"), lookup: toLoopback, timeout: 5_000 }, ...(connections !== undefined && { connections }) });

const everyone = visitor();

/** Asks `https://<host>:<port><path>`; redirects are not followed. */
export async function ask(path: string, asked: Asked = {}, host: string = domain): Promise<Answer> {
  for (let left = mostWaits; ; left -= 1) {
    const answer = await askOnce(path, asked, host);
    if (answer.status !== 429 || asked.impatient === true || left === 0) return answer;
    await sleep(oneWait);
  }
}

/** Milliseconds in which the edge lets some ten requests pass (apps/edge/middlewares.ts). */
const oneWait = 200;
const mostWaits = 25;

async function askOnce(path: string, { method = "GET", headers = [], body: sent, agent = everyone }: Asked, host: string): Promise<Answer> {
  const response = await request(`https://${host}:${httpsPort}${path}`, {
    method,
    dispatcher: agent,
    headers: headers.flat(),
    ...(sent !== undefined && { body: sent }),
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
  });
  const body = Buffer.from(await response.body.arrayBuffer());
  return { status: response.statusCode, headers: response.headers, body, text: body.toString("utf8") };
}
