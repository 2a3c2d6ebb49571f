/** Reshapes the Compose schema so that json-schema-to-typescript makes good types of it. */
import { KEY_SINCE } from "../src/compose/gate.ts";
import { NEWER_DEFINITIONS, type Json, type JsonObject } from "../src/compose/newer-keys.ts";
import { isList, isObject, object } from "./compose-schema.ts";

/** A property of this name is turned into an index signature for extensions (`x-…`). */
export const EXTENSIONS = "x-";

/** Names of types, by the schema's definition. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  service: "ComposeService",
  healthcheck: "ComposeHealthcheck",
  development: "ComposeDevelop",
  deployment: "ComposeDeploy",
  generic_resources: "ComposeGenericResources",
  devices: "ComposeDeviceReservations",
  gpus: "ComposeGpus",
  include: "ComposeInclude",
  network: "ComposeNetwork",
  volume: "ComposeVolume",
  secret: "ComposeSecret",
  config: "ComposeConfig",
  model: "ComposeModel",
  job: "ComposeJob",
  command: "ComposeCommand",
  service_hook: "ComposeHook",
  pre_start_hook: "ComposeInitContainer",
  env_file: "ComposeEnvFile",
  label_file: "ComposeLabelFile",
  string_or_list: "ComposeStringOrList",
  list_of_strings: "ComposeStrings",
  list_or_dict: "ComposeListOrMap",
  extra_hosts: "ComposeExtraHosts",
  blkio_limit: "ComposeBlockIoLimit",
  blkio_weight: "ComposeBlockIoWeight",
  service_config_or_secret: "ComposeGrants",
  ulimits: "ComposeUlimits",
};

/** Objects inside other definitions that get a name of their own, by their path in a Compose file. */
const NESTED_NAMES: Readonly<Record<string, string>> = {
  "services.*.build": "ComposeBuild",
  "services.*.depends_on.*": "ComposeDependency",
  "services.*.logging": "ComposeLogging",
  "services.*.networks.*": "ComposeNetworkAttachment",
  "services.*.ports[]": "ComposePort",
  "services.*.provider": "ComposeProvider",
  "services.*.volumes[]": "ComposeMount",
  "services.*.develop.watch[]": "ComposeWatch",
  "services.*.deploy.resources": "ComposeResources",
  "services.*.configs[]": "ComposeGrant",
  "jobs.*.triggers": "ComposeTriggers",
  "networks.*.ipam": "ComposeIpam",
};

/**
 * The schema as json-schema-to-typescript needs it: definitions and the main nested objects carry
 * the names of their types, descriptions of gated keys end with the least version, names map to
 * values, only `x-` keys may be added, and a reference keeps its own description.
 */
export function typeShape(schema: JsonObject): JsonObject {
  const definitions = object(schema["definitions"], "definitions");
  const paths = definitionPaths(schema, definitions);
  const { $id: _id, definitions: _definitions, ...root } = schema;
  const shaped = object(shape(root, "", definitions), "schema");
  return {
    ...shaped,
    title: "ComposeFile",
    definitions: Object.fromEntries(
      Object.entries(definitions).map(([name, definition]) => [
        name,
        { ...shapeDefinition(name, object(definition, name), paths.get(name) ?? name, definitions), title: typeName(name) },
      ]),
    ),
  };
}

function typeName(definition: string): string {
  const name = TYPE_NAMES[definition];
  if (name === undefined) throw new Error(`Give the schema's definition "${definition}" a type name in type-shape.ts.`);
  return name;
}

/** A definition made of the service's refers to the service's type instead of repeating its keys. */
function shapeDefinition(name: string, definition: JsonObject, path: string, definitions: JsonObject): JsonObject {
  const newer = NEWER_DEFINITIONS[name];
  if (newer === undefined) return object(shape(notNull(definition), path, definitions), name);
  const without = newer.without.map((key) => `"${key}"`).join(" | ");
  const own = { type: "object", properties: newer.plus, required: newer.required, additionalProperties: false };
  return {
    description: newer.description,
    allOf: [{ tsType: `Omit<ComposeService, ${without}>` }, shape(own, path, definitions)],
  };
}

/** The first path in a Compose file at which each definition is used, breadth first. */
function definitionPaths(schema: JsonObject, definitions: JsonObject): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const { definitions: _definitions, ...root } = schema;
  const open: [Json, string][] = [[root, ""]];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const [node, path] = next;
    if (!isObject(node)) continue;
    const target = referenced(node);
    if (target !== undefined) {
      if (found.has(target)) continue;
      found.set(target, path);
      open.push([definitions[target] ?? null, path]);
    }
    open.push(...children(node, path));
  }
  return found;
}

function children(node: JsonObject, path: string): readonly [Json, string][] {
  const inside = (key: string, step: string): [Json, string][] =>
    isObject(node[key]) ? Object.entries(node[key]).map(([name, child]) => [child, join(path, step === "" ? name : step)]) : [];
  const alternatives = isList(node["oneOf"]) ? node["oneOf"].map((child): [Json, string] => [child, path]) : [];
  const items: [Json, string][] = node["items"] === undefined ? [] : [[node["items"], `${path}[]`]];
  return [...inside("properties", ""), ...inside("patternProperties", "*"), ...items, ...alternatives];
}

function shape(node: Json, path: string, definitions: JsonObject): Json {
  if (!isObject(node)) return node;
  const target = referenced(node);
  if (target !== undefined) return reference(node, target, definitions);
  const { patternProperties, properties, items, oneOf, ...rest } = node;
  const named = NESTED_NAMES[path];
  const isNamed = named !== undefined && isObject(properties);
  return {
    ...rest,
    ...(isNamed ? { title: named } : {}),
    ...(items === undefined ? {} : { items: shape(items, `${path}[]`, definitions) }),
    ...(isList(oneOf) ? { oneOf: oneOf.map((alternative) => shape(alternative, path, definitions)) } : {}),
    ...(isObject(properties) ? { properties: shapeProperties(properties, patternProperties, path, definitions) } : {}),
    ...(isObject(patternProperties) ? valuesByName(patternProperties, path, definitions) : {}),
  };
}

function shapeProperties(properties: JsonObject, patterns: Json | undefined, path: string, definitions: JsonObject): JsonObject {
  const shaped = Object.entries(properties).map(([key, child]): [string, Json] => {
    const at = join(path, key);
    return [key, withSince(shape(child, at, definitions), at)];
  });
  const open = isObject(patterns) && "^x-" in patterns;
  return { ...Object.fromEntries(shaped), ...(open ? { [EXTENSIONS]: { tsType: "unknown" } } : {}) };
}

/** Names that users choose: a pattern with a schema becomes the schema of every other key. */
function valuesByName(patterns: JsonObject, path: string, definitions: JsonObject): JsonObject {
  const [pattern, ...others] = Object.entries(patterns).filter(([key]) => key !== "^x-");
  if (others.length > 0) throw new Error(`The schema has two patterns of names at "${path}"; this script knows one.`);
  return { additionalProperties: pattern === undefined ? false : shape(pattern[1], join(path, "*"), definitions) };
}

/** A reference drops its neighbours in json-schema-to-typescript, so the description goes around it. */
function reference(node: JsonObject, target: string, definitions: JsonObject): JsonObject {
  const { $ref, ...rest } = node;
  const to: JsonObject = { $ref: $ref ?? null };
  return canBeNull(object(definitions[target], target)) ? { ...rest, anyOf: [to, { type: "null" }] } : { ...rest, allOf: [to] };
}

function withSince(node: Json, path: string): Json {
  const since = KEY_SINCE[path];
  if (since === undefined || !isObject(node)) return node;
  const description = typeof node["description"] === "string" ? `${node["description"]}\n\n` : "";
  return { ...node, description: `${description}Needs Compose ${since} or newer.` };
}

function canBeNull(definition: JsonObject): boolean {
  return isList(definition["type"]) && definition["type"].includes("null") && definition["type"].includes("object");
}

/** Null moves from a definition to where it is used, so that the type's name means the object. */
function notNull(definition: JsonObject): JsonObject {
  return canBeNull(definition) ? { ...definition, type: "object" } : definition;
}

function referenced(node: JsonObject): string | undefined {
  const reference = node["$ref"];
  return typeof reference === "string" ? reference.replace("#/definitions/", "") : undefined;
}

function join(path: string, step: string): string {
  return path === "" ? step : `${path}.${step}`;
}
