/** Whether addresses really answer: the proxy takes a moment to hear of a container that became healthy. */
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import type { Address } from "./addresses.ts";

/** Traefik's own words where no router fits; an application's 404 is an answer. */
const noRouter = "404 page not found\n";

/** Its words where it could not hand the request on, for a reason that it only logs. */
const noProxying = "Internal Server Error";

/** The proxy reads changes within 50 ms, so that this is generous. */
const patience = 15_000;

/**
 * Waits until every address that should answer does, with a certificate of `authority`; returns them with what still
 * keeps one from answering. Asks the published address itself, since names below .localhost don't resolve everywhere.
 */
export async function untilAnswering(addresses: readonly Address[], { node }: ResolvedEnvironment, authority: string | undefined): Promise<readonly Address[]> {
  const ca = authority === undefined ? undefined : readFileSync(authority);
  const end = Date.now() + patience;
  return await Promise.all(
    addresses.map(async (address) => {
      if (!address.answers) return address;
      for (;;) {
        const refusal = await ask(new URL(address.url), node.publishing, ca);
        if (refusal === undefined) return address;
        if (Date.now() > end) return { ...address, answers: false, needs: [address.needs, refusal].filter((text) => text !== "").join("; ") };
        await sleep(200);
      }
    }),
  );
}

/** Undefined where the address answers, else what is wrong. */
function ask(url: URL, publishing: { readonly address: string; readonly https: number }, ca: Buffer | undefined): Promise<string | undefined> {
  const host = publishing.address === "0.0.0.0" ? "127.0.0.1" : publishing.address;
  return new Promise((resolve) => {
    const asked = request({ host, port: publishing.https, servername: url.hostname, headers: { host: url.host }, path: url.pathname, timeout: 5_000, ...(ca && { ca }) }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        const { statusCode = 0 } = response;
        const text = Buffer.concat(parts).toString();
        if (statusCode === 404 && text === noRouter) resolve("the proxy has no route for it");
        else resolve((statusCode >= 502 && statusCode <= 504) || (statusCode === 500 && text === noProxying) ? `the proxy answers ${statusCode}` : undefined);
      });
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer within 5 s")));
    asked.on("error", (error) => resolve(error.message));
    asked.end();
  });
}
