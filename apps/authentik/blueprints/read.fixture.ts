/** Reads emitted blueprints back, and says what a release's models would refuse in them. */
import { emitFiles, resolveEnvironment, type EnvironmentNode } from "@jlam/compose-dsl";
import { load } from "js-yaml";
import type { Release } from "./entry.ts";
import { fields } from "./fields.ts";
import { blueprintSchema } from "./tags.ts";

export interface ReadEntry {
  readonly model: string;
  readonly id?: string;
  readonly state?: string;
  readonly identifiers?: Readonly<Record<string, unknown>>;
  readonly attrs?: Readonly<Record<string, unknown>>;
}
export interface ReadBlueprint {
  readonly metadata: { readonly name: string };
  readonly entries: readonly ReadEntry[];
}

const folder = "files/authentik-blueprints/blueprints/jlam/";

/** Text of every emitted blueprint by its path. */
export const emittedTexts = (environment: EnvironmentNode): ReadonlyMap<string, string> => new Map([...emitFiles(resolveEnvironment(environment))].filter(([path]) => path.startsWith(folder)));

export const read = (text: string): ReadBlueprint => load(text, { schema: blueprintSchema }) as ReadBlueprint;

export const entriesOf = (environment: EnvironmentNode): readonly ReadEntry[] => [...emittedTexts(environment).values()].flatMap((text) => read(text).entries);

interface Field {
  readonly type: unknown;
  readonly required?: boolean;
  readonly only?: readonly string[];
}

const record = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {});
const isTag = (value: unknown): boolean => "tag" in record(value);

/** What Authentik's models of a release would refuse in an entry; empty when nothing. */
export function refusals(release: Release, { model, state, identifiers, attrs }: ReadEntry): readonly string[] {
  const known = record(fields)[model] as Readonly<Record<string, Field>> | undefined;
  if (!known) return [`${model}: no such model`];
  return refused(release, model, known, { ...identifiers, ...attrs }, state === "absent");
}

function refused(release: Release, where: string, known: Readonly<Record<string, Field>>, values: Readonly<Record<string, unknown>>, partly: boolean): readonly string[] {
  const missing = partly ? [] : Object.entries(known).flatMap(([name, { required }]) => (required === true && !(name in values) ? [`${where}: ${name} is missing`] : []));
  const wrong = Object.entries(values).flatMap(([name, value]) => {
    const field = known[name];
    if (!field || field.only?.includes(release) === false) {
      return [`${where}: ${release} has no field ${name}`];
    }
    return isTag(value) ? [] : refusedValue(release, `${where}.${name}`, field.type, value);
  });
  return [...missing, ...wrong];
}

function refusedValue(release: Release, where: string, type: unknown, value: unknown): readonly string[] {
  const { oneOf, listOf, objects } = record(type) as { oneOf?: readonly unknown[]; listOf?: readonly unknown[]; objects?: Readonly<Record<string, Field>> };
  const wrong = [`${where}: ${JSON.stringify(value)} is none of what it takes`];
  if (oneOf) return oneOf.includes(value) ? [] : wrong;
  if (listOf) return Array.isArray(value) && value.every((member) => listOf.includes(member)) ? [] : wrong;
  if (objects) return Array.isArray(value) ? value.flatMap((member) => refused(release, where, objects, record(member), false)) : wrong;
  if (type === "list") return Array.isArray(value) ? [] : wrong;
  if (type === "json") return typeof value === "object" ? [] : wrong;
  return typeof value === type ? [] : wrong;
}
