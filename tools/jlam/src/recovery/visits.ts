/** Visits every host of an environment as anybody would: by its name, over TLS, the certificate verified. */
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { messageOf, PersonError } from "../terminal/failure.ts";

export interface Visited {
  readonly host: string;
  readonly status: number;
}

/** Milliseconds in which a host must answer: the edge takes up routers within seconds. */
const limit = 30_000;

/**
 * Asks every host for its first page.
 * @throws PersonError for one that the edge has no router for, that fails (5xx), or doesn't answer within half a minute
 */
export async function visitAll({ address, port, hosts }: { readonly address: string; readonly port: number; readonly hosts: readonly string[] }, authority: string | undefined): Promise<readonly Visited[]> {
  const visited: Visited[] = [];
  for (const host of hosts) visited.push({ host, status: await untilServed(host, address, port, authority) });
  return visited;
}

async function untilServed(host: string, address: string, port: number, authority: string | undefined): Promise<number> {
  const end = Date.now() + limit;
  for (;;) {
    const answer = await answerOf(host, address, port, authority).catch(messageOf);
    if (typeof answer === "number" && answer < 500) return answer;
    if (Date.now() > end) {
      throw new PersonError(`${host} doesn't serve visitors: ${answer}.`, { where: `https://${host}:${port}/`, fix: "`jlam status` and `jlam logs` tell what its service says." });
    }
    await wait(500);
  }
}

/** The status; words where it is the edge itself that answers, in Go's own words, because it knows no such host. */
function answerOf(host: string, address: string, port: number, authority: string | undefined): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: address === "0.0.0.0" ? "127.0.0.1" : address, port, servername: host, path: "/", headers: { host }, timeout: 5_000, agent: false, ...(authority !== undefined && { ca: authority }) }, (answer) => {
      text(answer).then((body) => resolve(answer.statusCode === 404 && body === "404 page not found\n" ? "the edge has no router for it" : (answer.statusCode ?? 0)), reject);
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer within 5 s")));
    asked.on("error", reject);
    asked.end();
  });
}
