/** The schema of the Compose specification from npm, with the keys that it does not have yet. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  NEWER_DEFINITIONS, NEWER_KEYS, type Json, type JsonObject, type NewerDefinition, type NewerKey,
} from "../src/compose/newer-keys.ts";

/** The schema file and the package that published it, for the header of what is generated. */
export interface PublishedSchema {
  readonly schema: JsonObject;
  readonly from: string;
}

/**
 * Reads the schema that the installed package dclint publishes (the file of the Compose
 * specification, unchanged).
 *
 * @throws if the package is not installed or its schema is not a JSON object
 */
export function publishedSchema(): PublishedSchema {
  const manifest = createRequire(import.meta.url).resolve("dclint/package.json");
  const { version } = readObject(manifest);
  return {
    schema: readObject(join(dirname(manifest), "schemas", "compose.schema.json")),
    from: `dclint ${typeof version === "string" ? version : "of unknown version"}`,
  };
}

/**
 * Adds the newer keys to a schema.
 *
 * @throws if the schema has one of them already, so that a newer npm package makes us drop ours
 */
export function withNewerKeys(schema: JsonObject): JsonObject {
  const services = object(object(schema["definitions"], "definitions")["service"], "service");
  const extended = NEWER_KEYS.reduce((current, newer) => withKey(current, newer.among, newer), schema);
  const definitions = Object.fromEntries(
    Object.entries(NEWER_DEFINITIONS).map(([name, definition]) => [name, derived(services, definition)]),
  );
  return { ...extended, definitions: { ...object(extended["definitions"], "definitions"), ...definitions } };
}

/** Tells that a JSON value is an object, or stops with the name of what should have been one. */
export function object(value: Json | undefined, name: string): JsonObject {
  if (!isObject(value)) throw new Error(`The Compose schema has no object "${name}" where one was expected.`);
  return value;
}

/** Whether a JSON value is an object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a JSON value is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function withKey(node: JsonObject, [step, ...rest]: readonly string[], newer: NewerKey): JsonObject {
  if (step === undefined) {
    if (newer.key in node) throw new Error(`The npm schema has ${newer.path} now: take it out of newer-keys.ts.`);
    return { ...node, [newer.key]: newer.schema };
  }
  const child = node[step];
  if (isList(child)) return { ...node, [step]: withKeyInList(child, rest, newer) };
  return { ...node, [step]: withKey(object(child, step), rest, newer) };
}

function withKeyInList(list: readonly Json[], [step, ...rest]: readonly string[], newer: NewerKey): readonly Json[] {
  return list.map((entry, index) => (String(index) === step ? withKey(object(entry, step), rest, newer) : entry));
}

function derived(service: JsonObject, definition: NewerDefinition): JsonObject {
  const kept = Object.entries(object(service["properties"], "service.properties")).filter(
    ([key]) => !definition.without.includes(key),
  );
  return {
    type: "object",
    description: definition.description,
    properties: { ...Object.fromEntries(kept), ...definition.plus },
    required: definition.required,
    additionalProperties: false,
    patternProperties: { "^x-": {} },
  };
}

function readObject(path: string): JsonObject {
  return object(parse(readFileSync(path, "utf8")), path);
}

/** What JSON.parse gives is JSON, which its type doesn't say. */
const parse: (text: string) => Json = JSON.parse;
