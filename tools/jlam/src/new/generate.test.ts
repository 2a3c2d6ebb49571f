import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkEnvironment, emitFiles } from "@jlam/compose-dsl";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadEnvironment } from "../synth/platform.ts";
import { planGeneration, writeGeneration } from "./generate.ts";
import { copyRepository, type RepositoryCopy } from "./repository.fixture.ts";
import { serviceFiles, stackFiles } from "./service-files.ts";

const names = { name: "order-forms", identifier: "orderForms" } as const;
const files = serviceFiles({ ...names, owner: "care", host: "forms", holds: "medical-data" });
let copy: RepositoryCopy;

beforeEach(() => {
  copy = copyRepository();
});

afterEach(() => copy.remove());

function generateService(into: readonly string[]) {
  const plan = planGeneration(copy.root, files, { ...names, database: true }, { into, others: [] });
  writeGeneration(copy.root, plan);
  copy.link(names.name);
  return plan;
}

describe("a generated service", () => {
  it("is described in one file of fewer than 40 lines", () => {
    const stack = files.find(({ path }) => path.endsWith("stack.ts"))?.text ?? "";
    expect(stack.trimEnd().split("\n").length).toBeLessThan(40);
  });

  it("compiles, and so does every environment that it was added to", { timeout: 60_000 }, async () => {
    generateService(["local", "ci"]);
    expect(await copy.typeErrors()).toBe("");
  });

  it("breaks no rule", { timeout: 30_000 }, async () => {
    const before = checkEnvironment(await loadEnvironment("local"));
    generateService(["local"]);
    const found = checkEnvironment(await loadEnvironment("local", copy.root));
    expect(found.map(({ rule, subject }) => `${rule}: ${subject}`)).toEqual(before.map(({ rule, subject }) => `${rule}: ${subject}`));
  });

  it("is emitted with its route, its database and its secret", async () => {
    generateService(["local"]);
    const emitted = emitFiles(await loadEnvironment("local", copy.root));
    const stack = emitted.get("order-forms.yaml") ?? "";
    expect(stack).toContain("Host(`forms.jlam.localhost`)");
    expect(stack).toContain("DATABASE_HOST: postgres-orderforms");
    expect(stack).toContain("SIGNING_KEY_FILE: /run/secrets/SIGNING_KEY");
    expect(emitted.has("postgres-orderforms.yaml")).toBe(true);
  });

  it("is watched from its first day, with nothing written for that", { timeout: 30_000 }, async () => {
    generateService(["local"]);
    const emitted = emitFiles(await loadEnvironment("local", copy.root));
    const jobs = emitted.get("files/prometheus/etc/prometheus/prometheus.yml") ?? "";
    const rules = emitted.get("files/prometheus/etc/prometheus/rules.yml") ?? "";
    expect(jobs).toContain("https://forms.jlam.localhost/");
    expect(rules).toContain('absent(probe_success{job="probe-public",service="order-forms",address="https://forms.jlam.localhost/"})');
    expect(emitted.has("files/grafana/var/lib/grafana-dashboards/service-order-forms.json")).toBe(true);
  });

  it("leaves environments alone that it wasn't added to", () => {
    const before = readFileSync(join(copy.root, "environments/ci/environment.ts"), "utf8");
    generateService(["local"]);
    expect(readFileSync(join(copy.root, "environments/ci/environment.ts"), "utf8")).toBe(before);
  });

  it("is left to a person where only a person knows the database's host", () => {
    const plan = generateService(["staging"]);
    expect(plan.edits).toEqual([]);
    expect(plan.byHand).toMatchObject([{ environment: "staging", lines: expect.arrayContaining([expect.stringContaining("managedPostgres")]) }]);
  });

  it("writes over nothing, and then writes nothing at all", () => {
    mkdirSync(join(copy.root, "apps/order-forms/src"), { recursive: true });
    writeFileSync(join(copy.root, "apps/order-forms/src/probe.ts"), "mine");
    expect(() => generateService(["local"])).toThrow("apps/order-forms/src/probe.ts is there already.");
    expect(readFileSync(join(copy.root, "apps/order-forms/src/probe.ts"), "utf8")).toBe("mine");
    expect(existsSync(join(copy.root, "apps/order-forms/stack.ts"))).toBe(false);
    expect(readFileSync(join(copy.root, "environments/local/environment.ts"), "utf8")).not.toContain("orderForms");
  });
});

describe("a generated stack", () => {
  it("compiles in an environment", { timeout: 60_000 }, async () => {
    writeGeneration(copy.root, planGeneration(copy.root, stackFiles(names), { ...names, database: false }, { into: ["local"], others: [] }));
    copy.link(names.name);
    expect(await copy.typeErrors()).toBe("");
  });
});
