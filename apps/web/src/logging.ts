import { pino } from "pino";
import type { DestinationStream, LogFn, Logger } from "pino";

import type { LogSettings } from "./settings/log-settings.ts";

/**
 * What may be said about an error in a log: its kind, its code and where it happened. The message is left out,
 * because drivers put the offending value into it (`invalid input syntax for type integer: "…"`).
 */
function errorForLog(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const frames = (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
  return { type: error.name, ...code, stack: frames.join("\n") };
}

/**
 * A logger that writes one JSON object a line, with the level as text and the time in UTC. Errors go under `err`, of
 * which only kind, code and place are written. Requests and replies that a library hands to it are dropped, since they
 * hold addresses, cookies and query strings.
 */
export function createLogger(settings: LogSettings, destination?: DestinationStream): Logger {
  const options = {
    level: settings.level,
    base: { service: settings.service, environment: settings.environment },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: {
      // Without a text of its own, pino would take the error's message for one.
      logMethod(this: Logger, given: Parameters<LogFn>, method: LogFn) {
        const [first, text] = given;
        if (typeof first === "object" && text === undefined) method.call(this, first, "no message");
        else method.apply(this, given);
      },
    },
    serializers: { req: () => undefined, res: () => undefined, err: errorForLog },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
