/** An entry of a blueprint, typed by the fields that Authentik's releases take, so that a wrong one doesn't compile. */
import { releases, type fields } from "./fields.ts";
import type { Tag } from "./tags.ts";

export type Release = (typeof releases)[number];
type Table = typeof fields;
export type Model = keyof Table;

type ValueOf<T, R extends Release> = T extends "string"
  ? string
  : T extends "boolean"
    ? boolean
    : T extends "number"
      ? number
      : T extends "list"
        ? readonly (string | number | Tag)[]
        : T extends { readonly oneOf: readonly (infer E)[] }
          ? E
          : T extends { readonly listOf: readonly (infer E)[] }
            ? readonly E[]
            : T extends { readonly objects: infer O }
              ? readonly Values<O, R>[]
              : Readonly<Record<string, unknown>>;

/** Names of the fields that each of the releases `R` has. */
type Has<F, R extends Release> = { [K in keyof F]: F[K] extends { readonly only: readonly (infer O)[] } ? ([R] extends [O] ? K : never) : K }[keyof F] & string;
type Required<F> = { [K in keyof F]: F[K] extends { readonly required: true } ? K : never }[keyof F] & string;
type TypeOf<F, R extends Release> = F extends { readonly type: infer T } ? ValueOf<T, R> | Tag : never;

type Values<F, R extends Release> = { readonly [K in Has<F, R> & Required<F>]: TypeOf<F[K], R> } & { readonly [K in Exclude<Has<F, R>, Required<F>>]?: TypeOf<F[K], R> };

/** Fields of a model that each of the releases `R` has. With one release: all that it has. */
export type Attributes<M extends Model, R extends Release = Release> = Values<Table[M], R>;

/** A release and all that came after it. */
interface SinceEach {
  readonly "2025.8": Release;
  readonly "2025.10": Exclude<Release, "2025.8">;
  readonly "2025.12": Exclude<Release, "2025.8" | "2025.10">;
  readonly "2026.2": Extract<Release, "2026.2" | "2026.5" | "2026.8">;
  readonly "2026.5": Extract<Release, "2026.5" | "2026.8">;
  readonly "2026.8": "2026.8";
}

export interface Entry {
  readonly model: Model;
  readonly id?: string;
  /** By which fields an object of this kind is recognised: together with `attrs` all that it is. */
  readonly identifiers: Readonly<Record<string, unknown>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  /** `created`: left alone once it exists. `absent`: removed. Otherwise kept as written. */
  readonly state?: "created" | "absent";
  /** What is added to `attrs`, or replaces it, from a release on. */
  readonly since: { readonly [R in Release]?: Readonly<Record<string, unknown>> };
}

type Split<M extends Model, I extends keyof Attributes<M> & string> = {
  readonly id?: string;
  readonly state?: "created";
  readonly identifiers: { readonly [K in I]: NonNullable<Attributes<M>[K]> };
  readonly attrs?: Omit<Attributes<M>, I>;
  readonly since?: { readonly [R in Release]?: Partial<Attributes<M, SinceEach[R]>> };
} & (Partial<Omit<Attributes<M>, I>> extends Omit<Attributes<M>, I> ? unknown : { readonly attrs: Omit<Attributes<M>, I> });

/** An object that is kept as written, recognised by its `identifiers`. Fields are those of every supported release; newer ones stand in `since`. */
export function entry<const M extends Model, const I extends keyof Attributes<M> & string>(model: M, content: Split<M, I>): Entry {
  const { id, state, identifiers, attrs, since } = content;
  return { model, ...(id !== undefined && { id }), ...(state && { state }), identifiers: { ...identifiers }, attrs: { ...attrs }, since: since ?? {} };
}

/** An object that is removed, if it is there. */
export const absent = <const M extends Model>(model: M, identifiers: Partial<Attributes<M>>): Entry => ({ model, identifiers: { ...identifiers }, attrs: {}, state: "absent", since: {} });

/** What `entry` writes for one release. */
export function attributesIn({ attrs, since }: Entry, release: Release): Readonly<Record<string, unknown>> {
  const reached = releases.slice(0, releases.indexOf(release) + 1);
  return Object.assign({}, attrs, ...reached.map((one) => since[one] ?? {})) as Readonly<Record<string, unknown>>;
}
