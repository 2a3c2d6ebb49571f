/** The engine as a service: a set every day, and the numbers that alerts are made of. */
import { createServer } from "node:http";
import { pino } from "pino";
import { watchErasures } from "./erasure-watch.ts";
import { BackupError, messageOf } from "./failure.ts";
import { createMetrics } from "./metrics.ts";
import { erasurePause, nextRun, retryPause } from "./schedule.ts";
import { copySets } from "./sets/copy.ts";
import { makeSet } from "./sets/run.ts";
import { readSettings } from "./settings.ts";

const logger = pino({ base: { service: "backup" }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } });

try {
  const settings = await readSettings(process.env);
  const metrics = createMetrics(settings);
  let timer: NodeJS.Timeout;

  let copying: NodeJS.Timeout;

  /** Whatever the second region lacks, and again in a while where it can't be reached: the set is there all the same. */
  const copyAll = async (): Promise<void> => {
    if (settings.copy === undefined) return;
    try {
      await copySets(settings, new Date(), (progress) => logger.info(progress, progress.step));
      metrics.changed();
    } catch (error) {
      logger.error({ fix: error instanceof BackupError ? error.fix : undefined }, `the second region lacks a set: ${messageOf(error)}`);
      copying = setTimeout(() => void copyAll(), retryPause);
    }
  };
  const runOnce = async (): Promise<void> => {
    clearTimeout(copying);
    try {
      const { id } = await makeSet(settings, (progress) => logger.info(progress, progress.step));
      metrics.changed();
      plan(nextRun(new Date(), settings.plan.atHour));
      logger.info({ id }, "the set is there");
    } catch (error) {
      logger.error({ fix: error instanceof BackupError ? error.fix : undefined }, messageOf(error));
      plan(new Date(Date.now() + retryPause));
    }
    await copyAll();
  };
  const plan = (at: Date): void => {
    logger.info({ at: at.toISOString() }, "the next set");
    timer = setTimeout(() => void runOnce(), Math.max(0, at.getTime() - Date.now()));
  };

  const server = createServer((request, response) => {
    if (request.url === "/alive") return void response.end("ok\n");
    if (request.url !== "/metrics") return void response.writeHead(404).end();
    metrics.text().then(
      ({ contentType, body }) => response.setHeader("content-type", contentType).end(body),
      (error: unknown) => {
        logger.error(messageOf(error));
        response.writeHead(500).end();
      },
    );
  });
  const lookAtErasures = watchErasures(settings);
  const erasures = setInterval(() => {
    lookAtErasures().then(
      (kept) => kept.length > 0 && logger.info({ kept }, "the list of who was erased is kept"),
      (error: unknown) => logger.error({ fix: error instanceof BackupError ? error.fix : undefined }, `who was erased isn't kept: ${messageOf(error)}`),
    );
  }, erasurePause);
  const stop = (): void => {
    clearTimeout(timer);
    clearTimeout(copying);
    clearInterval(erasures);
    server.closeAllConnections();
    server.close(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  plan(nextRun(new Date(), settings.plan.atHour));
  server.listen(settings.httpPort, "0.0.0.0");
} catch (error) {
  process.stderr.write(`✖ ${messageOf(error)} ${error instanceof BackupError ? error.fix : ""}\n`);
  process.exit(1);
}
