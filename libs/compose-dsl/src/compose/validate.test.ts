import { describe, expect, it } from "vitest";
import { schemaViolations } from "./validate.ts";

describe("schemaViolations", () => {
  it("accepts a file with every kind of top-level object", () => {
    const file = {
      name: "jlam",
      include: ["edge.yaml"],
      services: { web: { image: "web", networks: { default: null }, develop: { watch: [{ path: "src", action: "sync", initial_sync: true }] } } },
      networks: { default: null },
      volumes: { data: { labels: { "nl.jlam.holds": "medical-data" } } },
      secrets: { key: { file: "./key" } },
      configs: { settings: { content: "a=b" } },
      jobs: { report: { image: "report", triggers: { manual: true } } },
      "x-note": "anything",
    };
    expect(schemaViolations(file)).toEqual([]);
  });

  it("names a key that Compose does not have and where it stands", () => {
    expect(schemaViolations({ services: { web: { prots: [] } } })).toEqual([
      { path: "services.web", message: 'Compose has no key "prots" here' },
    ]);
  });

  it("tells the complaint of the alternative that was meant, not of the others", () => {
    expect(schemaViolations({ services: { web: { ports: [{ target: 80, pubished: "80" }] } } })).toEqual([
      { path: "services.web.ports[0]", message: 'Compose has no key "pubished" here' },
    ]);
  });

  it("tells every kind of value that would do when none fits", () => {
    expect(schemaViolations({ services: { web: { healthcheck: { test: 3 } } } })).toEqual([
      { path: "services.web.healthcheck.test", message: "must be string or array, not 3" },
    ]);
  });

  it("tells which values an enumerated key can have", () => {
    expect(schemaViolations({ services: { web: { depends_on: { db: { condition: "healthy" } } } } })).toEqual([
      {
        path: "services.web.depends_on.db.condition",
        message: 'must be one of ["service_started","service_healthy","service_completed_successfully"], not "healthy"',
      },
    ]);
  });

  it("names a missing key", () => {
    expect(schemaViolations({ services: { web: { volumes: [{ target: "/data" }] } } })).toEqual([
      { path: "services.web.volumes[0]", message: 'the key "type" is missing' },
    ]);
  });

  it("refuses what isn't an object at all", () => {
    expect(schemaViolations([])).toEqual([{ path: "", message: "must be object, not a list" }]);
  });
});
