/** The archive as a service: follows every server whose changes are to be kept, and tells how far it is. */
import { createServer } from "node:http";
import { join } from "node:path";
import { pino } from "pino";
import { Gauge, Registry } from "prom-client";
import { BackupError, messageOf } from "../failure.ts";
import { openKeyring } from "../keys/keyring.ts";
import { readSettings } from "../settings.ts";
import { openStore } from "../store/store.ts";
import { follow } from "./follow.ts";

const logger = pino({ base: { service: "backup-archive" }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } });

const [folder] = process.argv.slice(2);

try {
  if (folder === undefined) throw new BackupError("It wasn't said where changes are received.", { fix: "Call it as `node archive.js FOLDER`." });
  const settings = await readSettings(process.env);
  const keyring = await openKeyring(settings.keys, new Date());
  const registry = new Registry();
  const gauge = (name: string, help: string): Gauge<"resource"> => new Gauge({ name: `backup_${name}`, help, labelNames: ["resource"], registers: [registry] });
  const archived = gauge("changes_archived_timestamp_seconds", "Everything that was committed until then is in the store");
  const waiting = gauge("changes_waiting_bytes", "Changes that the store doesn't have yet");
  const base = gauge("base_timestamp_seconds", "When the newest base backup was begun that this machine made");
  const stopping = new AbortController();
  // From the start on: one that never archives anything is late, too.
  const reached = new Map(settings.plan.streams.map(({ database, loseAtMostSeconds }) => [database, { seconds: Date.now() / 1000, loseAtMostSeconds }]));
  new Gauge({
    name: "backup_changes_late_seconds",
    help: "How much longer than promised changes haven't been in the store",
    labelNames: ["resource"],
    registers: [registry],
    collect() {
      for (const [resource, { seconds, loseAtMostSeconds }] of reached) this.set({ resource }, Math.max(0, Date.now() / 1000 - seconds - loseAtMostSeconds));
    },
  });

  for (const { database, loseAtMostSeconds, keepSeconds } of settings.plan.streams) {
    const address = settings.plan.databases.find(({ id }) => id === database);
    if (address === undefined) throw new BackupError(`${database} is to be streamed, and isn't in the plan.`, { fix: "Run `jlam synth`, which writes it." });
    const resource = { resource: database };
    void follow({
      address, keyring, keepSeconds,
      store: openStore(settings.store),
      folder: join(folder, database),
      postgresPrograms: settings.postgresPrograms,
      stopped: stopping.signal,
      told: {
        archived: (until) => {
          const seconds = until.getTime() / 1000;
          archived.set(resource, seconds);
          reached.set(database, { seconds, loseAtMostSeconds });
        },
        waiting: (bytes) => waiting.set(resource, bytes),
        base: ({ id, prior, startedAt }) => {
          base.set(resource, Date.parse(startedAt) / 1000);
          logger.info({ database, id, prior }, "a base backup is there");
        },
        trouble: (words, fix) => logger.error({ database, fix }, words),
      },
    });
  }

  const server = createServer((request, response) => {
    if (request.url === "/alive") return void response.end("ok\n");
    if (request.url !== "/metrics") return void response.writeHead(404).end();
    registry.metrics().then(
      (body) => response.setHeader("content-type", registry.contentType).end(body),
      (error: unknown) => {
        logger.error(messageOf(error));
        response.writeHead(500).end();
      },
    );
  });
  // What was received and not sent yet is on the disk, and is sent at the next start.
  const stop = (): void => {
    stopping.abort();
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  server.listen(settings.httpPort, "0.0.0.0");
} catch (error) {
  process.stderr.write(`✖ ${messageOf(error)} ${error instanceof BackupError ? error.fix : ""}\n`);
  process.exit(1);
}
