/** The proxy before the engine's socket lets through what Traefik asks, and nothing by which one could read or change more. */
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { containerId } from "./stack/environment.ts";
import { probe } from "./stack/probe.ts";

const id = "0123456789abcdef";

const allowed = [
  ["HEAD", "/_ping"],
  ["GET", "/_ping"],
  ["GET", "/v1.41/version"],
  ["GET", "/v1.41/containers/json?all=0"],
] as const;

const refused = [
  ["POST", "/v1.41/containers/create"],
  ["POST", `/v1.41/containers/${id}/exec`],
  ["POST", `/v1.41/containers/${id}/kill`],
  ["DELETE", `/v1.41/containers/${id}`],
  ["PUT", `/v1.41/containers/${id}/archive?path=/`],
  ["GET", `/v1.41/containers/${id}/archive?path=/run/secrets`],
  ["GET", `/v1.41/containers/${id}/logs?stdout=1`],
  ["GET", `/v1.41/containers/${id}/export`],
  ["GET", `/v1.41/containers/${id}/top`],
  ["GET", "/v1.41/images/json"],
  ["GET", "/v1.41/volumes"],
  ["GET", "/v1.41/secrets"],
  ["GET", "/v1.41/info"],
  ["GET", "/containers/json"],
  ["GET", "/v1.41/containers/json/../../images/json"],
  ["GET", "/v1.41/containers/json/%2e%2e/%2e%2e/images/json"],
  ["GET", "/v1.41/containers/json%0a/../images/json"],
  ["GET", "//v1.41/images/json"],
  ["OPTIONS", "/v1.41/containers/json"],
] as const;

const asked = [...allowed, ...refused].map(([method, path]) => ({ method, path }));
let statuses: readonly number[];

beforeAll(async () => {
  statuses = await probe({
    program: "ask-docker",
    input: { host: "docker-socket-proxy", port: 2375, requests: asked },
    output: z.array(z.number()),
    in: { NetworkMode: `container:${await containerId("traefik")}` },
  });
});

const statusOf = (method: string, path: string): number | undefined => statuses[asked.findIndex((each) => each.method === method && each.path === path)];

describe("lets through", () => {
  test.each(allowed)("%s %s", (method, path) => {
    expect(statusOf(method, path)).toBe(200);
  });
});

describe("refuses by itself, before the engine sees it,", () => {
  test.each(refused)("%s %s", (method, path) => {
    expect([403, 405]).toContain(statusOf(method, path));
  });
});
