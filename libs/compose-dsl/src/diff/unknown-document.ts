/** Reading parsed YAML whose shape nobody promises: an older revision's files may say what today's emitter never would. */

export type Document = Readonly<Record<string, unknown>>;

/** The mapping, or an empty one where something else (or nothing) stands. */
export const mapping = (value: unknown): Document => (isMapping(value) ? value : {});

export function isMapping(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Text of a scalar; JSON of anything else. */
export const scalar = (value: unknown): string => (typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value));

/** Every scalar, or list of scalars, below a value, by its dotted path. */
export function leaves(value: unknown, path = ""): Readonly<Record<string, string | readonly string[]>> {
  if (Array.isArray(value) && value.every((member) => typeof member !== "object" || member === null)) return { [path]: value.map(scalar) };
  if (typeof value !== "object" || value === null) return value === undefined ? {} : { [path]: scalar(value) };
  const found: Record<string, string | readonly string[]> = {};
  const entries = Object.entries(value);
  if (entries.length === 0 && path !== "") found[path] = "";
  for (const [key, member] of entries) Object.assign(found, leaves(member, path === "" ? key : `${path}.${key}`));
  return found;
}
