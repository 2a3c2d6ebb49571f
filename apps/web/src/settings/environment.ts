import { z } from "zod";

/** A setting that is missing or wrong, told so that a person can fix it without reading the source. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** What a person writes to make a setting right; attached with `.meta()`, perhaps beneath `.default()` or `.optional()`. */
function fixOf(schema: unknown): string | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const fix = schema.meta()?.["fix"];
  if (typeof fix === "string") return fix;
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? fixOf(schema.unwrap()) : undefined;
}

/**
 * Reads the named variables of `environment` as `schema` says. An empty value counts as not set, because Compose
 * passes unset variables on as empty strings.
 *
 * @throws SettingsError with one paragraph for each wrong variable: its name, what is wrong, how to fix it.
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: NodeJS.ProcessEnv,
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const value = environment[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;

  const problems = result.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? "environment");
    const what = name in given || issue.code === "custom" ? issue.message : "is not set";
    const fix = fixOf(schema.shape[name]);
    return `✖ ${name}: ${what}${fix === undefined ? "" : `\n  Fix: ${fix}`}`;
  });
  throw new SettingsError(`The environment of this program is not right.\n${problems.join("\n")}`);
}

/** A TCP port. */
export const portSetting = (fix: string) =>
  z.coerce.number("must be a number").int("must be a whole number").min(1, "must be at least 1").max(65535, "must be at most 65535").meta({ fix });

/** The path of a file that is mounted into the container; it is opened when it is needed, not here. */
export const fileSetting = (fix: string) =>
  z.string().startsWith("/", "must be an absolute path").meta({ fix });

/** Whether a connection is encrypted, with the server's name and certificate checked. */
export const tlsSetting = (fix: string) =>
  z.enum(["off", "verify-full"], 'must be "off" or "verify-full"').meta({ fix });

/** A host name or address, without a port. */
export const hostSetting = (fix: string) =>
  z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.:_-]*[A-Za-z0-9])?$/, "must be a host name without port or scheme").meta({ fix });
