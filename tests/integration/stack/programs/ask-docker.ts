/** Runs in Traefik's network: sends every request of PROBE_INPUT to the socket proxy, and prints the status of each answer. */
import { request } from "node:http";

interface Asked {
  readonly method: string;
  readonly path: string;
}

interface Input {
  readonly host: string;
  readonly port: number;
  readonly requests: readonly Asked[];
}

const { host, port, requests }: Input = JSON.parse(process.env["PROBE_INPUT"] ?? "{}");

/** 0 where there is no answer at all. The path goes out as it is: no client here tidies up `..`. */
async function statusOf({ method, path }: Asked): Promise<number> {
  return await new Promise((resolve) => {
    const sent = request({ host, port, method, path, timeout: 5_000 }, (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    sent.once("error", () => resolve(0)).once("timeout", () => resolve(0));
    sent.end();
  });
}

const statuses: number[] = [];
for (const each of requests) statuses.push(await statusOf(each));
process.stdout.write(JSON.stringify(statuses));
