/** Whether the proxy leads where it was told to, by its own word: asked again and again, never slept for. */
import { setTimeout as sleep } from "node:timers/promises";
import { releaseApiHost } from "@jlam/compose-dsl";
import { z } from "zod";
import { HostFailure, type Host } from "../host/host.ts";
import type { ColouredService, Itinerary } from "../machine/itinerary.ts";

/** Traefik's answer about a service (api/http/services/NAME), as far as it is read. */
const serviceAnswer = z.object({ status: z.string(), loadBalancer: z.object({ servers: z.array(z.object({ url: z.string() })) }), usedBy: z.array(z.string()).optional() });
const routerAnswer = z.object({ status: z.string(), error: z.array(z.string()).optional() });

/** Between two questions: a switch takes 100 to 140 ms at the throttle that the edge sets. Milliseconds. */
const pause = 50;
/**
 * How long the proxy may take to confirm, in milliseconds. It takes a tenth of a second; a restart of it in between some
 * seconds; and on a machine that is kept busy by others each question takes seconds too (seen: more than 15 s in all).
 */
export const usualConfirmation = 60_000;
/** Longest wait for one answer, in milliseconds. */
const patience = 2000;

/** Addresses of the proxy by network; found anew when it doesn't answer, since a restart changes them. */
export async function proxyAddress(host: Host, { proxy }: Itinerary): Promise<string> {
  const copies = await host.copies();
  const address = copies.find(({ name, status }) => name === proxy.service && status === "running")?.addresses[proxy.network];
  if (address === undefined) throw new HostFailure(`The proxy ${proxy.service} does not run on ${host.name}.`, "refused");
  return address;
}

/**
 * Waits until the proxy's API lists `server` as the only server of each of the service's routes, without an error.
 * @returns the milliseconds that it took
 * @throws HostFailure after `limit` milliseconds, with what the proxy said last
 */
export async function confirmSwitch(host: Host, itinerary: Itinerary, { service, port, routes }: ColouredService, copy: string, limit: number): Promise<number> {
  const server = `http://${copy}:${port}`;
  const began = performance.now();
  let address: string | undefined;
  let last = "it was not asked yet";
  while (performance.now() - began < limit) {
    try {
      address ??= await proxyAddress(host, itinerary);
      const answers = await Promise.all(routes.map(({ router }) => disagreement(host, itinerary, address ?? "", router, server)));
      const wrong = answers.find((answer) => answer !== undefined);
      if (wrong === undefined) return Math.round(performance.now() - began);
      last = wrong;
    } catch (error) {
      if (!(error instanceof HostFailure)) throw error;
      last = error.message;
      address = undefined;
    }
    await sleep(pause);
  }
  throw new HostFailure(`The proxy did not confirm within ${limit / 1000} s that ${service} is served by ${copy}: ${last}`, "too-slow");
}

/** What keeps a route from leading to `server` alone; undefined: nothing. */
async function disagreement(host: Host, { proxy }: Itinerary, address: string, router: string, server: string): Promise<string | undefined> {
  const get = async (path: string): Promise<unknown> => {
    const { status, body } = await host.ask({ address, port: proxy.port, path, headers: { host: releaseApiHost }, timeout: patience });
    return status === 200 ? (JSON.parse(body) as unknown) : undefined;
  };
  const [routed, served] = await Promise.all([get(`/api/http/routers/${router}@file`), get(`/api/http/services/${router}@file`)]);
  const route = routerAnswer.safeParse(routed);
  const target = serviceAnswer.safeParse(served);
  if (!route.success || !target.success) return `it knows no route ${router}`;
  if (route.data.status !== "enabled") return `route ${router} is ${route.data.status}: ${(route.data.error ?? []).join(", ")}`;
  const servers = target.data.loadBalancer.servers.map(({ url }) => url);
  return servers.join() === server ? undefined : `route ${router} leads to ${servers.join(" and ")}`;
}
