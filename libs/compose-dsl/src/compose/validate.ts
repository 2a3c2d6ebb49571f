/**
 * Validation of a Compose file against the specification's schema. For checks and tests: it loads
 * ajv and the whole schema (slow), so nothing that synth loads may import it.
 */
import { Ajv, type ErrorObject } from "ajv";
import schema from "./schema.json" with { type: "json" };

/** One thing that the schema refuses. */
export interface SchemaViolation {
  /** Where it stands in the Compose file, such as `services.web.ports[0]`; empty for the whole file. */
  readonly path: string;
  /** What is wrong there, as a sentence without a full stop. */
  readonly message: string;
}

const { $schema: _draft, $id: _id, ...rules } = schema;
const validate = new Ajv({ allErrors: true, strict: false, verbose: true }).compile(rules);

/**
 * Tells what in a Compose file the specification's schema refuses; nothing when it accepts it.
 * Undefined references, clashes and values that only Compose itself checks are not seen.
 *
 * @param composeFile the file as data, as a YAML parser gives it
 */
export function schemaViolations(composeFile: unknown): readonly SchemaViolation[] {
  if (validate(composeFile)) return [];
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== "oneOf");
  const kinds = Map.groupBy(errors.filter(isKind), ({ instancePath }) => instancePath);
  const rules = errors.filter((error) => !isKind(error));
  return [
    ...[...kinds].filter(([path]) => !rules.some((rule) => isAtOrBelow(rule.instancePath, path))).map(([, alike]) => wrongKind(alike)),
    ...rules.map((error): SchemaViolation => ({ path: keyPath(error.instancePath), message: message(error) })),
  ].toSorted((left, right) => left.path.localeCompare(right.path, "en"));
}

/**
 * Where the schema has alternatives, ajv reports why each didn't fit. The alternative of the right
 * kind (text, list, object) is the one that was meant, so the others' complaints about the kind are
 * left out when it has one of its own, and told as one when no alternative has the kind.
 */
function isKind({ keyword }: ErrorObject): boolean {
  return keyword === "type";
}

function wrongKind(alternatives: readonly ErrorObject[]): SchemaViolation {
  const kinds = new Set(alternatives.flatMap(({ params }) => [params["type"]].flat().map(String)));
  const [first] = alternatives;
  return { path: keyPath(first?.instancePath ?? ""), message: `must be ${[...kinds].join(" or ")}, not ${shown(first?.data)}` };
}

function isAtOrBelow(pointer: string, ancestor: string): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`);
}

function message({ keyword, params, data, message: standard }: ErrorObject): string {
  if (keyword === "additionalProperties") return `Compose has no key "${String(params["additionalProperty"])}" here`;
  if (keyword === "required") return `the key "${String(params["missingProperty"])}" is missing`;
  if (keyword === "enum") return `must be one of ${JSON.stringify(params["allowedValues"])}, not ${shown(data)}`;
  return standard ?? `breaks the rule "${keyword}"`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : JSON.stringify(value);
}

function keyPath(pointer: string): string {
  const steps = pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return steps.reduce((path, step) => (/^\d+$/.test(step) ? `${path}[${step}]` : path === "" ? step : `${path}.${step}`), "");
}
