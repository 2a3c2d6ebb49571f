/** The newest traces that Tempo keeps, asked by way of Prometheus' container, which reaches it for its metrics. */
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { z } from "zod";
import { throughContainer, Unanswered } from "../monitoring/ask.ts";
import { runningContainer } from "../runtime/in-container.ts";

export interface Trace {
  readonly id: string;
  readonly service: string;
  readonly name: string;
  /** In UTC (ISO 8601). */
  readonly at: string;
  readonly milliseconds: number;
}

/** https://grafana.com/docs/tempo/latest/api_docs/#search */
const answer = z.object({
  traces: z.array(z.object({ traceID: z.string(), rootServiceName: z.string().default("?"), rootTraceName: z.string().default("?"), startTimeUnixNano: z.string(), durationMs: z.number().default(0) })).default([]),
});

/** Reads Tempo's answer, the newest first. */
export const parseTraces = (body: string): readonly Trace[] =>
  answer
    .parse(JSON.parse(body))
    .traces.map(({ traceID, rootServiceName, rootTraceName, startTimeUnixNano, durationMs }) => ({ id: traceID, service: rootServiceName, name: rootTraceName, at: new Date(Number(BigInt(startTimeUnixNano) / 1_000_000n)).toISOString(), milliseconds: durationMs }))
    .sort((a, b) => (a.at < b.at ? 1 : -1));

/**
 * The last twenty.
 * @throws Unanswered where there is no Tempo; PersonError where it or Prometheus doesn't run
 */
export async function recentTraces({ name, services }: ResolvedEnvironment): Promise<readonly Trace[]> {
  const port = services.get("tempo")?.node.ports["http"]?.number;
  if (port === undefined) throw new Unanswered(`${name} keeps no traces`);
  await runningContainer(name, "tempo");
  const { status, body } = await throughContainer((await runningContainer(name, "prometheus")).id, port, "tempo")({ path: "/api/search?limit=20" });
  if (status !== 200) throw new Unanswered(`Tempo answers ${status}: ${body.trim()}`);
  return parseTraces(body);
}
