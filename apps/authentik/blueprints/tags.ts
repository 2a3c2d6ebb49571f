/** Values of a blueprint that Authentik works out itself, and how they are written in YAML. */
import { defineScalarTag, defineSequenceTag, DUMP_SCHEMA, type Schema } from "js-yaml";

/** The database key of another entry of the same file, by its `id`. */
export interface KeyOf {
  readonly tag: "!KeyOf";
  readonly value: string;
}

/** The database key of an object that is there already, by its fields. Null where there is none. */
export interface Find {
  readonly tag: "!Find";
  readonly value: readonly [model: string, ...conditions: (readonly [field: string, value: string])[]];
}

/** The content of a file in the worker's container. */
export interface FileOf {
  readonly tag: "!File";
  readonly value: `/${string}`;
}

export type Tag = KeyOf | Find | FileOf;

export const keyOf = (id: string): KeyOf => ({ tag: "!KeyOf", value: id });
export const find = (model: string, ...conditions: (readonly [field: string, value: string])[]): Find => ({ tag: "!Find", value: [model, ...conditions] });
export const fileOf = (path: `/${string}`): FileOf => ({ tag: "!File", value: path });

const names = ["!KeyOf", "!Find", "!File"] as const;

const isTag = (value: unknown): value is Tag => typeof value === "object" && value !== null && "tag" in value && names.some((name) => name === value.tag);
const is =
  (name: Tag["tag"]) =>
  (value: unknown): boolean =>
    isTag(value) && value.tag === name;

const scalar = (name: "!KeyOf" | "!File") =>
  defineScalarTag<Tag>(name, {
    resolve: (source) => (name === "!KeyOf" ? keyOf(source) : { tag: "!File", value: `/${source.replace(/^\//, "")}` }),
    identify: is(name),
    represent: (value: KeyOf | FileOf) => value.value,
  });

const sequence = defineSequenceTag<unknown[], { readonly tag: "!Find"; readonly value: readonly unknown[] }>("!Find", {
  create: () => [],
  addItem: (list, item) => {
    list.push(item);
  },
  finalize: (list) => ({ tag: "!Find", value: list }),
  identify: is("!Find"),
  represent: (value: Find) => value.value,
});

/** YAML with Authentik's tags: writes them, and reads them back as the values above. */
export const blueprintSchema: Schema = DUMP_SCHEMA.withTags(scalar("!KeyOf"), scalar("!File"), sequence);
