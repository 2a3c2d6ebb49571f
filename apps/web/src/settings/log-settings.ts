import { z } from "zod";

import { readEnvironment } from "./environment.ts";

/** What every log line says about where it comes from, and how much is said. */
export interface LogSettings {
  readonly level: "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";
  readonly service: string;
  readonly environment: string;
}

const schema = z.object({
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], "is not a level of the log")
    .default("info")
    .meta({ fix: "leave it out for info, or set it to fatal, error, warn, info, debug, trace or silent." }),
  SERVICE_NAME: z.string().default("web").meta({ fix: "leave it out for web, or set it to the service's name." }),
  ENVIRONMENT: z.string().meta({ fix: "set it to the environment's name, such as ENVIRONMENT=local." }),
});

/**
 * Reads LOG_LEVEL, SERVICE_NAME and ENVIRONMENT.
 *
 * @throws SettingsError naming each wrong variable and its fix.
 */
export function readLogSettings(environment: NodeJS.ProcessEnv): LogSettings {
  const values = readEnvironment(schema, environment);
  return { level: values.LOG_LEVEL, service: values.SERVICE_NAME, environment: values.ENVIRONMENT };
}
