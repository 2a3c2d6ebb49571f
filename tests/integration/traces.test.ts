/** The way of a request: from Traefik through the Collector to Tempo, found by its id, with lines that name it and nothing about a person. */
import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { engine, ifGone } from "../../tools/jlam/src/runtime/containers.ts";
import { inspect } from "./stack/environment.ts";
import { ask } from "./stack/https.ts";
import { networkOnEngine, probeLabels } from "./stack/probe.ts";
import { until } from "./stack/until.ts";

const leftOut = new Set(inject("leftOut").map(({ service }) => service));
const missing = ["otel-collector", "loki"].find((service) => leftOut.has(service));
const hasTempo = !leftOut.has("tempo");
/** After it was away for a while the Collector tries again at most every half minute. */
const arrivesWithin = 90_000;

const firstAddress = (networks: Readonly<Record<string, { readonly IPAddress: string }>>): string => Object.values(networks)[0]?.IPAddress ?? "";
const addressOf = async (service: string): Promise<string> => firstAddress((await inspect(service)).NetworkSettings.Networks);

/** Where there is no Tempo: a program in its place that keeps what it is sent. */
async function startKeeper(): Promise<{ readonly url: string; remove(): Promise<unknown> }> {
  const network = networkOnEngine("otel-collector--tempo");
  const container = await engine.createContainer({
    Image: (await inspect("web")).Image,
    Entrypoint: ["node"],
    Cmd: ["/programs/keep-spans.ts"],
    Labels: probeLabels,
    HostConfig: { NetworkMode: network, Binds: [`${join(import.meta.dirname, "stack", "programs")}:/programs:ro`] },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: ["tempo"] } } },
  });
  await container.start();
  const { NetworkSettings: { Networks: networks } } = await container.inspect();
  return { url: `http://${firstAddress(networks)}:4318`, remove: async () => await container.remove({ force: true, v: true }).catch(ifGone) };
}

const titled = missing === undefined ? (hasTempo ? "" : " (in Tempo's place a program that keeps what it is sent: JLAM_IMAGE_TEMPO names no image, and none can be had here)") : ` (not run: no image for ${missing} here)`;

describe.skipIf(missing !== undefined && process.env["JLAM_REQUIRE_ALL"] !== "1")(`traces${titled}`, () => {
  let keeper: Awaited<ReturnType<typeof startKeeper>> | undefined;
  beforeAll(async () => {
    if (!hasTempo) keeper = await startKeeper();
  });
  afterAll(async () => await keeper?.remove());

  /** Everything that arrived of a trace: Tempo's answer, or all bytes that were sent; undefined while there is nothing. */
  const arrived = async (id: string): Promise<string | undefined> => {
    if (keeper !== undefined) {
      const bytes = Buffer.from(await (await fetch(keeper.url)).text(), "base64");
      return bytes.includes(Buffer.from(id, "hex")) ? bytes.toString("latin1") : undefined;
    }
    const answer = await fetch(`http://${await addressOf("tempo")}:3200/api/traces/${id}`);
    return answer.ok ? await answer.text() : undefined;
  };
  const traced = async (path: string, headers: readonly (readonly [string, string])[] = []): Promise<string> => {
    const id = randomBytes(16).toString("hex");
    await ask(path, { headers: [["traceparent", `00-${id}-${randomBytes(8).toString("hex")}-01`], ...headers] });
    return id;
  };

  test("a request to the web application is found by its id, with the route and the service that answered", { timeout: 180_000 }, async ({ annotate }) => {
    const id = await traced("/");
    const { answer, took } = await until(async () => await arrived(id), (text) => text?.includes("web@") === true, arrivesWithin);
    expect(answer).toContain("http.response.status_code");
    await annotate(`the trace was there after ${took} ms`);
  });

  const lokiSchema = z.object({ data: z.object({ result: z.array(z.object({ stream: z.record(z.string(), z.string()) })) }) });

  test("the lines of the proxy and of the application name the trace", { timeout: 180_000 }, async () => {
    const began = Date.now();
    const id = await traced("/");
    const services = async (): Promise<ReadonlySet<string | undefined>> => {
      const query = new URLSearchParams({ query: `{service_name=~"web|traefik"} | trace_id="${id}"`, start: `${began}000000` });
      const found = lokiSchema.parse(await (await fetch(`http://${await addressOf("loki")}:3100/loki/api/v1/query_range?${query.toString()}`)).json());
      return new Set(found.data.result.map(({ stream }) => stream["service_name"]));
    };
    await until(services, (found) => found.has("web") && found.has("traefik"), arrivesWithin);
  });

  test("nothing personal is in a span, whatever was sent", { timeout: 180_000 }, async () => {
    const [name, mail, number] = [`Jansen${randomUUID().slice(0, 8)}`, `p${randomUUID().slice(0, 8)}@example.org`, "111222333"];
    const ids = [
      await traced(`/?naam=${name}&bsn=${number}`, [["user-agent", `${name} ${mail}`], ["referer", `https://example.org/${number}`]]),
      await traced(`/${number}/${name}`, [["tracestate", `person=${name}`], ["baggage", `mail=${encodeURIComponent(mail)}`]]),
      await traced(`/auth/login?login_hint=${mail}`, [["x-remarks", `${mail} ${number}`]]),
    ];
    for (const id of ids) {
      const { answer = "" } = await until(async () => await arrived(id), (text) => text !== undefined, arrivesWithin);
      for (const personal of [name, mail, encodeURIComponent(mail), number]) expect(answer.includes(personal), `${personal} in a span`).toBe(false);
      for (const attribute of ["url.path", "url.query", "url.full", "user_agent.original", "client.address"]) expect(answer.includes(attribute), attribute).toBe(false);
      expect(answer).toContain("http.request.method");
    }
  });
});
