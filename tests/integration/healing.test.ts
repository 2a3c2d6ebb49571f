/** A process that dies is started again, whichever it is, and the site answers again. */
import { expect, test } from "vitest";
import { inspect, runningServices } from "./stack/environment.ts";
import { ask } from "./stack/https.ts";
import { runNode } from "./stack/probe.ts";
import { until } from "./stack/until.ts";

/** PostgreSQL replays its log first; the others take two seconds. */
const limit = 60_000;

/** `kill -9` from the host's own process namespace: `docker kill` counts as a person's stop, after which nothing restarts. */
const kill = async (pid: number): Promise<string> =>
  await runNode({ Entrypoint: ["node", "-e", `process.kill(${pid}, "SIGKILL")`], User: "0:0", HostConfig: { PidMode: "host", CapAdd: ["KILL"] } });

test.each(runningServices().map(({ name }) => name))("%s comes back by itself after `kill -9`", { timeout: 2 * limit }, async (service) => {
  const before = (await inspect(service)).State;
  await kill(before.Pid);
  const { took } = await until(
    async () => (await inspect(service)).State,
    // A service without a health check says why in its waiver; of it is known that it runs.
    ({ StartedAt, Health, Running }) => StartedAt !== before.StartedAt && (before.Health === undefined ? Running : Health?.Status === "healthy"),
    limit,
  );
  expect(took).toBeLessThan(limit);
  const { answer } = await until(async () => [(await ask("/ready")).status, (await ask("/")).status], (statuses) => statuses.every((status) => status === 200), limit);
  expect(answer).toEqual([200, 200]);
});
