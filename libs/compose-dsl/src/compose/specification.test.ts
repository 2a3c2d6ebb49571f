import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generatedFiles } from "../../scripts/generate-compose-types.ts";
import type { ComposeFile, ComposeService } from "./specification.ts";
import schema from "./schema.json" with { type: "json" };

type KeysOf<T> = Exclude<keyof T, `x-${string}`>;

/** Every key of a service: a key that the type lacks, or that is missing here, does not compile. */
const SERVICE_KEYS: Record<KeysOf<ComposeService>, true> = {
  annotations: true, attach: true, blkio_config: true, build: true, cap_add: true, cap_drop: true, cgroup: true,
  cgroup_parent: true, command: true, configs: true, container_name: true, cpu_count: true, cpu_percent: true,
  cpu_period: true, cpu_quota: true, cpu_rt_period: true, cpu_rt_runtime: true, cpu_shares: true, cpus: true,
  cpuset: true, credential_spec: true, depends_on: true, deploy: true, develop: true, device_cgroup_rules: true,
  devices: true, dns: true, dns_opt: true, dns_search: true, domainname: true, entrypoint: true, env_file: true,
  environment: true, expose: true, extends: true, external_links: true, extra_hosts: true, gpus: true,
  group_add: true, healthcheck: true, hostname: true, image: true, init: true, ipc: true, isolation: true,
  label_file: true, labels: true, links: true, logging: true, mac_address: true, mem_limit: true,
  mem_reservation: true, mem_swappiness: true, memswap_limit: true, models: true, network_mode: true, networks: true,
  oom_kill_disable: true, oom_score_adj: true, pid: true, pids_limit: true, platform: true, ports: true,
  post_start: true, pre_start: true, pre_stop: true, privileged: true, profiles: true, provider: true,
  pull_policy: true, pull_refresh_after: true, read_only: true, restart: true, runtime: true, scale: true,
  secrets: true, security_opt: true, shm_size: true, stdin_open: true, stop_grace_period: true, stop_signal: true,
  storage_opt: true, sysctls: true, tmpfs: true, tty: true, ulimits: true, use_api_socket: true, user: true,
  userns_mode: true, uts: true, volumes: true, volumes_from: true, working_dir: true,
};

/** Every key of a Compose file, likewise. */
const FILE_KEYS: Record<KeysOf<ComposeFile>, true> = {
  configs: true, include: true, jobs: true, models: true, name: true, networks: true, secrets: true,
  services: true, version: true, volumes: true,
};

describe("the types of the Compose specification", () => {
  it("have every key of a service that the schema has", () => {
    expect(Object.keys(SERVICE_KEYS)).toEqual(Object.keys(schema.definitions.service.properties).toSorted());
  });

  it("have every key of a file that the schema has", () => {
    expect(Object.keys(FILE_KEYS)).toEqual(Object.keys(schema.properties).toSorted());
  });

  it("are what the script generates from the schema on npm", async () => {
    for (const { path, text } of await generatedFiles()) {
      expect(readFileSync(new URL(path, import.meta.url), "utf8"), path).toBe(text);
    }
  });
});
