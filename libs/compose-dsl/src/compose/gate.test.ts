import { describe, expect, it } from "vitest";
import { isList, isObject, object, publishedSchema, withNewerKeys } from "../../scripts/compose-schema.ts";
import { compareVersions, KEY_SINCE, keysNewerThan, OLDEST_COMPOSE } from "./gate.ts";
import type { Json, JsonObject } from "./newer-keys.ts";

const schema = withNewerKeys(publishedSchema().schema);
const definitions = object(schema["definitions"], "definitions");

describe("keysNewerThan", () => {
  it("finds a gated key of a service with its place and version", () => {
    const file = { services: { web: { networks: { public: { gw_priority: 1 } } } } };
    expect(keysNewerThan(OLDEST_COMPOSE, file)).toEqual([
      { path: "services.web.networks.public.gw_priority", key: "services.*.networks.*.gw_priority", since: "2.33.0" },
    ]);
  });

  it("finds keys inside list entries by their index", () => {
    const file = { services: { web: { volumes: ["data:/data", { type: "image", image: { subpath: "x" } }] } } };
    expect(keysNewerThan(OLDEST_COMPOSE, file).map(({ path }) => path)).toEqual(["services.web.volumes[1].image"]);
  });

  it("finds the models of a file and of a service", () => {
    const file = { models: { small: { model: "ai/small" } }, services: { web: { models: ["small"] } } };
    expect(keysNewerThan(OLDEST_COMPOSE, file).map(({ path }) => path)).toEqual(["services.web.models", "models"]);
  });

  it("lets a key pass from the version that reads it", () => {
    const file = { services: { web: { gpus: "all" } } };
    expect(keysNewerThan("2.29.7", file)).toHaveLength(1);
    expect(keysNewerThan("2.30.0", file)).toEqual([]);
  });

  it("finds nothing in keys that Compose 2.26 has, in short forms, or in what isn't a file", () => {
    const file = { services: { web: { build: ".", devices: ["/dev/null"], env_file: "a.env", networks: ["public"] } } };
    expect(keysNewerThan(OLDEST_COMPOSE, file)).toEqual([]);
    expect(keysNewerThan(OLDEST_COMPOSE, null)).toEqual([]);
  });

  it("overlooks keys whose value is undefined, since they are not emitted", () => {
    expect(keysNewerThan(OLDEST_COMPOSE, { services: { web: { gpus: undefined } } })).toEqual([]);
  });
});

describe("KEY_SINCE", () => {
  it.each(Object.entries(KEY_SINCE))("%s is newer than the oldest supported Compose", (_key, since) => {
    expect(compareVersions(since, OLDEST_COMPOSE)).toBeGreaterThan(0);
  });

  it.each(Object.keys(KEY_SINCE))("%s is a key of the schema", (key) => {
    expect(inSchema(schema, key.replaceAll("[]", ".[]").split("."))).toBe(true);
  });

  it("could not name a key that the schema lacks unnoticed", () => {
    expect(inSchema(schema, ["services", "*", "networks", "*", "gw_prioritee"])).toBe(false);
  });
});

describe("compareVersions", () => {
  it("compares by number, not by text", () => {
    expect(compareVersions("2.9.0", "2.26.0")).toBeLessThan(0);
    expect(compareVersions("5.0.0", "2.40.3")).toBeGreaterThan(0);
    expect(compareVersions("2.26.1", "2.26.1")).toBe(0);
  });
});

/** Whether the schema lets a Compose file have a key at this path. */
function inSchema(node: Json | undefined, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return node !== undefined;
  if (!isObject(node)) return false;
  const reference = node["$ref"];
  const alternatives = [
    ...(typeof reference === "string" ? [definitions[reference.replace("#/definitions/", "")]] : []),
    ...(isList(node["oneOf"]) ? node["oneOf"] : []),
  ];
  return alternatives.some((child) => inSchema(child, [step, ...rest])) || below(node, step).some((child) => inSchema(child, rest));
}

function below(node: JsonObject, step: string): readonly (Json | undefined)[] {
  if (step === "[]") return [node["items"]];
  const children = node[step === "*" ? "patternProperties" : "properties"];
  if (!isObject(children)) return [];
  return step === "*" ? Object.values(children) : [children[step]];
}
