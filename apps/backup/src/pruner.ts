/** The pruner as a service of its own: once a day, with logins that delete and can read no set. */
import { createServer } from "node:http";
import { pino } from "pino";
import { pruneAllArchives } from "./archive/prune-run.ts";
import { BackupError, messageOf } from "./failure.ts";
import { nextRun, pruneDelay } from "./schedule.ts";
import { pruneSets } from "./sets/prune-run.ts";
import { readPrunerSettings } from "./settings.ts";

const logger = pino({ base: { service: "backup-pruner" }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } });

try {
  const settings = await readPrunerSettings(process.env);
  let timer: NodeJS.Timeout;

  const runOnce = async (): Promise<void> => {
    try {
      for (const region of await pruneSets(settings, new Date())) logger.info(region, "sets whose time is over");
      for (const archive of await pruneAllArchives(settings, new Date())) logger.info(archive, "changes whose time is over");
    } catch (error) {
      logger.error({ fix: error instanceof BackupError ? error.fix : undefined }, `what is over wasn't removed: ${messageOf(error)}`);
    }
    plan();
  };
  const plan = (): void => {
    const at = new Date(nextRun(new Date(Date.now() - pruneDelay), settings.atHour).getTime() + pruneDelay);
    logger.info({ at: at.toISOString() }, "the next look at what is over");
    timer = setTimeout(() => void runOnce(), at.getTime() - Date.now());
  };

  const server = createServer((request, response) => void response.writeHead(request.url === "/alive" ? 200 : 404).end());
  const stop = (): void => {
    clearTimeout(timer);
    server.closeAllConnections();
    server.close(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  plan();
  server.listen(settings.httpPort, "0.0.0.0");
} catch (error) {
  process.stderr.write(`✖ ${messageOf(error)} ${error instanceof BackupError ? error.fix : ""}\n`);
  process.exit(1);
}
