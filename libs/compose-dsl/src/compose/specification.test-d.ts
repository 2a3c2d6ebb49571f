/** What must and must not compile against the Compose types; checked by tsc alone. */
import { expectTypeOf } from "vitest";
import type { ComposeFile, ComposeJob, ComposeNetwork, ComposeService } from "./specification.ts";

export const whole = {
  name: "jlam-local",
  include: ["edge.yaml", { path: "web.yaml", project_directory: "." }],
  services: {
    web: {
      image: "web",
      build: { context: ".", provenance: true, no_cache_filter: ["build"] },
      command: null,
      depends_on: { database: { condition: "service_healthy", restart: true } },
      healthcheck: { test: ["CMD", "true"], start_interval: "1s" },
      networks: { default: null, public: { aliases: ["auth.jlam.localhost"], gw_priority: 1 } },
      ports: [{ target: 3000, published: "3000", host_ip: "127.0.0.1" }],
      volumes: [{ type: "tmpfs", target: "/tmp", tmpfs: { size: 1024 } }],
      secrets: ["session", { source: "session", mode: 0o444 }],
      pre_start: [{ command: ["migrate"], per_replica: false }],
      "x-owner": { team: "platform" },
    },
  },
  networks: { public: null, internal: { internal: true, ipam: { config: [{ subnet: "10.80.0.0/28" }] } } },
  volumes: { data: null },
  secrets: { session: { file: "./session" } },
  models: { small: { model: "ai/small" } },
  jobs: { report: { image: "report", triggers: { schedule: [{ cron: "0 3 * * *", concurrency: "forbid" }] } } },
  "x-generated": true,
} satisfies ComposeFile;

// @ts-expect-error a key that Compose doesn't have
export const misspelt: ComposeService = { imgae: "web" };

// @ts-expect-error a condition that Compose doesn't have
export const condition: ComposeService = { depends_on: { database: { condition: "healthy" } } };

// @ts-expect-error a job can't be scaled
export const scaledJob: ComposeJob = { image: "report", triggers: { manual: true }, scale: 2 };

// @ts-expect-error a job needs a trigger
export const untriggered: ComposeJob = { image: "report" };

export function frozen(service: ComposeService, network: ComposeNetwork): void {
  // @ts-expect-error values are readonly
  service.image = "other";
  // @ts-expect-error lists are readonly
  if (service.cap_drop) service.cap_drop[0] = "ALL";
  // @ts-expect-error nested values are readonly
  network.labels = {};
}

expectTypeOf<ComposeFile["networks"]>().toExtend<Readonly<Record<string, ComposeNetwork | null>> | undefined>();
