/** The application says that it isn't ready while what it needs doesn't answer, and recovers by itself. */
import { afterEach, describe, expect, test } from "vitest";
import { engine, ifGone } from "../../tools/jlam/src/runtime/containers.ts";
import { containerId, inspect } from "./stack/environment.ts";
import { ask } from "./stack/https.ts";
import { until } from "./stack/until.ts";

const statusOf = async (path: string): Promise<number> => (await ask(path)).status;
const ready = async (): Promise<unknown> => until(async () => await statusOf("/ready"), (status) => status === 200, 20_000);

describe.each([
  ["postgres-app", "database", "sessions"],
  ["redis-sessions", "sessions", "database"],
] as const)("while %s does not answer", (service, failing, working) => {
  afterEach(async () => {
    const paused = (await inspect(service)).State.Paused;
    if (paused) await engine.getContainer(await containerId(service)).unpause().catch(ifGone);
    await ready();
  });

  test(`/ready says within five seconds that ${failing} fails, and again that all is well; /health never changes`, async ({ annotate }) => {
    await ready();
    const container = engine.getContainer(await containerId(service));
    await container.pause();
    const { answer, took } = await until(async () => await ask("/ready"), ({ status }) => status === 503, 5_000);
    expect(JSON.parse(answer.text)).toMatchObject({ status: "not ready", checks: { [failing]: "failed", [working]: "ok" } });
    expect(await statusOf("/health")).toBe(200);
    await container.unpause();
    const recovered = await until(async () => await statusOf("/ready"), (status) => status === 200, 10_000);
    expect(await statusOf("/health")).toBe(200);
    await annotate(`/ready: 503 after ${took} ms without ${service}, 200 again ${recovered.took} ms after it is back`);
  });
});
