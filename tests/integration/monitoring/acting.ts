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
  readonly crash?: true;
  /** So many failed sign-ins in its log. */
  readonly lines?: number;
  /** Bytes of memory that it shall use; 0 gives back what it took. */
  readonly fillTo?: number;
}

/** Tells a service its part. One that was told to crash hangs up instead of answering. */
export async function tell(platform: Platform, service: string, part: Part): Promise<void> {
  const told = fetch(`${await platform.address(service)}:3001/part`, { method: "POST", body: JSON.stringify(part) });
  await (part.crash ? told.catch(() => undefined) : told);
}

const { publishing, domain } = monitoringTest.node;

/** Asks `https://<host>.<domain><path>` so many times a second, until the function that it returns is called. */
export function visits(platform: Platform, host: string, path: string, perSecond: number): () => void {
  const agent = new Agent({ connect: { ca: platform.authority, lookup: (_, options, done) => (options.all ? done(null, [{ address: publishing.address, family: 4 }]) : done(null, publishing.address, 4)) } });
  const name = host === "@" ? domain : `${host}.${domain}`;
  const ask = async (): Promise<void> => {
    const { body } = await request(`https://${name}:${publishing.https}${path}`, { dispatcher: agent });
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
