/** An application for tests that need no database: its parts are real, but what would reach a database says so. */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";

import type { ApplicationParts } from "../application.ts";
import { loadAssets } from "../http/assets.ts";
import { createLifecycle } from "../http/lifecycle.ts";
import { createMetrics } from "../http/metrics.ts";
import { createLogger } from "../logging.ts";
import type { SessionStore } from "../sessions/store.ts";
import { createVisitors } from "../sessions/visitor.ts";

/** The origin that {@link testParts} takes for its own. */
export const TEST_ORIGIN = "https://jlam.localhost";

const unreachable = (): Promise<never> => Promise.reject(new Error("this test has no Redis"));

const storeWithoutRedis: SessionStore = {
  begin: unreachable,
  read: unreachable,
  change: unreachable,
  rotate: unreachable,
  end: unreachable,
  endAllOf: unreachable,
};

/** Parts of an application, and the lines it logs at every level. */
export async function testParts(): Promise<{ readonly parts: ApplicationParts; readonly lines: string[] }> {
  const lines: string[] = [];
  const logger = createLogger({ level: "trace", service: "web", environment: "test" }, { write: (line) => void lines.push(line) });
  const parts = {
    logger,
    metrics: createMetrics(),
    lifecycle: createLifecycle(),
    assets: await loadAssets(fileURLToPath(new URL("../assets", import.meta.url))),
    healthPath: "/health",
    readyPath: "/ready",
    publicOrigin: TEST_ORIGIN,
    trustedProxies: [],
    readiness: async () => ({ ready: true, checks: { database: "ok", sessions: "ok" } as const }),
    visitors: createVisitors(storeWithoutRedis, { covers: unreachable }, randomBytes(32)),
    siteMessage: async () => undefined,
    signIn: undefined,
    diary: undefined,
    privacy: undefined,
    backupDays: 30,
  };
  return { parts, lines };
}
