import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import { platform } from "../diff/platform.fixture.ts";
import { isMapping, mapping } from "../diff/unknown-document.ts";
import { emitFiles } from "../emit/files.ts";
import { explainEnvironment, type Explanation } from "./explain.ts";
import { findExplanations } from "./find.ts";

const all = explainEnvironment(platform());
const valueOf = (path: string): Explanation | undefined => all.find((explanation) => explanation.path === path);
const pathsAt = (asked: string): readonly string[] => {
  const found = findExplanations(all, asked);
  return found.kind === "found" ? found.explanations.map(({ path }) => path) : [];
};

function scalars(value: unknown, path: string): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) return value.flatMap((member, index) => scalars(member, `${path}.${index}`));
  if (!isMapping(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, member]) => scalars(member, `${path}.${key}`));
}

describe("explanations", () => {
  test("every scalar of every emitted service is explained, with the value that the file has", () => {
    const emitted = [...emitFiles(platform())].filter(([path]) => /^[^/]+\.yaml$/.test(path)).flatMap(([, text]) => Object.entries(mapping(mapping(load(text))["services"])));
    const values = emitted.flatMap(([name, service]) => scalars(service, name));
    expect(values.length).toBeGreaterThan(100);
    for (const [path, value] of values) expect({ path, value: valueOf(path)?.value }).toEqual({ path, value });
  });

  test("a value that the declaration wrote is declared, with the key that says it", () => {
    expect(valueOf("web.environment.LOG_LEVEL")?.why).toMatchObject({ kind: "declared", field: "settings.LOG_LEVEL" });
  });

  test("a value that the environment wrote over is an override, with its place", () => {
    const overridden = explainEnvironment(platform({ overriddenLevel: "debug" })).find(({ path }) => path === "web.environment.LOG_LEVEL");
    expect(overridden).toMatchObject({ value: "debug", why: { kind: "override", field: "settings.LOG_LEVEL" } });
  });

  test("a value that nobody wrote is a default, with its sentence", () => {
    expect(valueOf("web.read_only")?.why).toMatchObject({ kind: "default", text: "nothing may change its own program" });
  });

  test("a value that follows from another declaration is derived", () => {
    expect(valueOf("web.depends_on.postgres-app.condition")?.why).toMatchObject({ kind: "derived", field: "connects.database" });
  });

  test("routes and secrets are explained as people name them", () => {
    expect(valueOf("routes.web.host")?.value).toBe("example.nl");
    expect(valueOf("secrets.web.DATABASE_PASSWORD.source")?.value).toBe("24 random bytes, replaced within 365 days");
  });
});

describe("finding a path", () => {
  test("keys may hold dots", () => {
    expect(pathsAt("web.labels.nl.jlam.owner")).toEqual(["web.labels.nl.jlam.owner"]);
  });

  test("a path with more below it gives all of that", () => {
    expect(pathsAt("web.deploy")).toEqual(["web.deploy.resources.limits.cpus", "web.deploy.resources.limits.memory", "web.deploy.resources.limits.pids"]);
  });

  test("a list's member is found in brackets, and a service below services", () => {
    expect(pathsAt("services.web.cap_drop[0]")).toEqual(["web.cap_drop.0"]);
  });

  test("keys on the way may be left out where one path fits", () => {
    expect(pathsAt("web.LOG_LEVEL")).toEqual(["web.environment.LOG_LEVEL"]);
    expect(pathsAt("networks.web--postgres-app.subnet")).toEqual(["networks.web--postgres-app.ipam.config.0.subnet"]);
  });

  test("a service that runs in two colours is found by its own name", () => {
    const coloured = all.flatMap((explanation) => (explanation.path.startsWith("web.") ? ["blue", "green"].map((colour) => ({ ...explanation, path: explanation.path.replace("web.", `web-${colour}.`) })) : [explanation]));
    expect(findExplanations(coloured, "web.environment.LOG_LEVEL")).toMatchObject({ kind: "found", explanations: [{ path: "web-blue.environment.LOG_LEVEL" }] });
  });

  test("a misspelt path gives the nearest one", () => {
    expect(findExplanations(all, "web.enviroment.LOG_LEVEL")).toEqual({ kind: "unknown", suggestions: ["web.environment.LOG_LEVEL", "web"] });
  });

  test("a service's name alone does not match services that begin with it", () => {
    expect(pathsAt("we")).toEqual([]);
  });
});
