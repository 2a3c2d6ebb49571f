/** The stand-in's entry: reads its settings, listens, and stops when it is told to. */
import { pino } from "pino";

import { createStandIn } from "./program.ts";
import { SettingsError, readSettings } from "./settings.ts";

try {
  const settings = readSettings(process.env);
  const logger = pino({ base: { service: "sign-in-stand-in" }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } });
  const server = createStandIn(settings, logger);
  const stop = (): void => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 3_000).unref();
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  server.listen(settings.port, "0.0.0.0", () => logger.info("this is a stand-in for Authentik, with demo accounts: never let it face people"));
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
