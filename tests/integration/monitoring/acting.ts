/** Telling the parts of the test environment what to do, and visiting them through the proxy. */
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { monitoringTest } from "./environment.ts";
import type { Platform } from "./platform.ts";

/** What an actor can be told (actor.cjs). */
export interface Part {
  readonly status?: number;
  /** Milliseconds before it answers. */
  readonly delay?: number;
  /** Whether its health page hangs up. */
  readonly sick?: boolean;
  readonly metrics?: string;
  /** Milliseconds before it tells its metrics. */
  readonly metricsDelay?: number;
  readonly crash?: true;
  /** So many sign-ins that were refused, in its log. */
  readonly refusals?: number;
  /** Bytes of memory that it shall take, beside what it has. */
  readonly take?: number;
}

/** Tells a service its part. One that was told to crash, or to take more than it may, hangs up instead of answering. */
export async function tell(platform: Platform, service: string, part: Part): Promise<void> {
  const told = fetch(`${await platform.address(service)}:3001/part`, { method: "POST", body: JSON.stringify(part) });
  await (part.crash || part.take !== undefined ? told.catch(() => undefined) : told);
}

const { publishing, domain } = monitoringTest.node;

/** Asks `https://<host>.<domain><path>` so many times a second, until the function that it returns is called. */
export function visits(platform: Platform, host: string, path: string, perSecond: number, headers: Readonly<Record<string, string>> = {}): () => void {
  const agent = new Agent({ connect: { ca: platform.authority, lookup: (_, options, done) => (options.all ? done(null, [{ address: publishing.address, family: 4 }]) : done(null, publishing.address, 4)) } });
  const name = host === "@" ? domain : `${host}.${domain}`;
  const ask = async (): Promise<void> => {
    const { body } = await request(`https://${name}:${publishing.https}${path}`, { dispatcher: agent, headers });
    await body.dump();
  };
  // A proxy that reads its configuration again may hang up once.
  const timer = setInterval(() => void ask().catch(() => undefined), 1000 / perSecond);
  return () => {
    clearInterval(timer);
    void agent.close();
  };
}

/** Lets a service end so many times, with a pause in which it is started again. */
export async function crash(platform: Platform, service: string, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    await tell(platform, service, { crash: true });
    await sleep(10_000);
  }
}

/** Lets a service take memory until it uses this share of its limit, as Docker counts it: without what it read from files. */
export async function takeMemory(platform: Platform, service: string, share: number): Promise<void> {
  const used = async (): Promise<number> => Number.parseFloat(await platform.docker("stats", "--no-stream", "--format", "{{.MemPerc}}", platform.container(service))) / 100;
  for (let now = await used(); now < share; now = await used()) await tell(platform, service, { take: now < share - 0.1 ? 8_000_000 : 1_000_000 });
}
