/** The archive of changes in its own container, with a real PostgreSQL, a real store and real keys: what its tests talk to. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { backedUp, notBackedUp, objectStore, postgres } from "@jlam/compose-dsl";
import { objectStoreContainer } from "@jlam/object-store";
import { postgresContainer } from "@jlam/postgres";
import { execa } from "execa";
import { buildPrograms, imagesOf, type Images } from "../backup/programs.fixture.ts";
import { startProvided, type RunningService } from "../databases/provided-service.ts";
import type { Project } from "../runtime/project.ts";
import { archiveReader, type Archive } from "./archive.ts";

const database = postgresContainer(postgres("app", { owner: "platform", holds: "medical-data", backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }) }), { memory: "384M", cpus: 1 }, { loseAtMost: "5m" });
const bucket = objectStoreContainer(objectStore("backups", { owner: "platform", holds: "medical-data", backup: notBackedUp("a test") }), { memory: "384M", cpus: 1 });
const label = "nl.jlam.test=point-in-time";
const environment = `instant${process.pid}`;

/** Images that the tests need; undefined when this machine lacks one of them, so that they skip by name. */
export const imagesHere = (): Promise<Images | undefined> => imagesOf(database, bucket);

export interface ArchiveBench {
  readonly images: Images;
  readonly server: RunningService;
  /** Straight to the store, as who writes. */
  readonly store: S3Client;
  /** Straight to the store, as the only one who may delete. */
  readonly pruner: S3Client;
  readonly archive: Archive;
  /** The server as a project's service `postgres-app`. */
  readonly project: Project;
  /** SQL as superuser in the database. */
  sql(statement: string): Promise<string>;
  /** A shell script in the archive's own container, which has what was received and not sent yet in /received. */
  inArchive(script: string): Promise<string>;
  startArchive(): Promise<void>;
  /** kill -9 of the container and everything in it. */
  killArchive(): Promise<void>;
  /** The server's clock between two transactions, with room on both sides for what was sent to have another time. */
  now(): Promise<Date>;
  /** Waits until so many base backups are there. */
  bases(count: number): Promise<void>;
  /** Closes the segment, and waits until the archive reaches the instant. @throws the archive's last words after a minute */
  archived(instant: Date): Promise<void>;
  close(): Promise<void>;
}

/** Starts everything; the archive has its first base backup then. */
export async function startArchiveBench(images: Images): Promise<ArchiveBench> {
  const directory = await mkdtemp(join(tmpdir(), "jlam-instant-"));
  await chmod(directory, 0o755);
  const closers: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const image = await buildPrograms(images, directory);
    const name = `jlam-${environment}`;
    const [server, storeServer] = await Promise.all([
      startProvided(database, images.postgres, { "com.docker.compose.project": name, "com.docker.compose.service": "postgres-app", "com.docker.compose.oneoff": "False" }),
      startProvided(bucket, images.store),
    ]);
    closers.push(() => server.stop(), () => storeServer.stop());
    const storeKey = storeServer.secrets[0]?.sources["writer"] ?? "";
    await mkdir(join(directory, "keys"));
    await chmod(join(directory, "keys"), 0o777);
    const password = server.secrets.find((secret) => secret.name === "REPLICATION_VERIFIER")?.sources["password"] ?? "";
    for (const [file, text] of Object.entries({ "store-key": storeKey, password, "plan.json": JSON.stringify(planFile) })) {
      await writeFile(join(directory, file), text);
      await chmod(join(directory, file), 0o444);
    }
    await execa("chmod", ["-R", "a+rX", directory]);
    const settings = {
      PLAN_FILE: "/bench/plan.json",
      POSTGRES_APP_HOST: server.host, POSTGRES_APP_PORT: "5432", POSTGRES_APP_NAME: "app", POSTGRES_APP_USER: "app_replication", POSTGRES_APP_PASSWORD_FILE: "/bench/password",
      OPERATIONS_KEY_FILE: "/bench/keys/operations.pub", ESCROW_KEY_FILE: "/bench/keys/escrow.pub", SIGNING_KEY_FILE: "/bench/keys/signing.key",
      STORE_URL: `http://${storeServer.host}:8333`, STORE_BUCKET: "backups", STORE_REGION: "us-east-1", STORE_ACCESS_KEY: "writer", STORE_PASSWORD_FILE: "/bench/store-key",
    };
    const engineArguments = (container: string, keys: "ro" | "rw"): readonly string[] => [
      "--name", container, "--init", "--label", label, "--read-only", "--user", "1000:1000", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "256m", "--memory-swap", "256m", "--pids-limit", "64",
      "--tmpfs", "/tmp:mode=1777", "-v", `${directory}:/bench:ro`, "-v", `${directory}/app:/app:ro`, "-v", `${directory}/keys:/bench/keys:${keys}`,
      ...Object.entries(settings).flatMap(([variable, value]) => ["--env", `${variable}=${value}`]), image,
    ];
    await execa("docker", ["run", "--rm", ...engineArguments(`${name}-keys`, "rw"), "node", "/app/make-keys.js", "/bench/keys", "/bench/keys"]);
    const received = `${name}-received`;
    const archiveName = `${name}-archive`;
    closers.push(() => execa("docker", ["volume", "rm", "--force", received]), () => execa("docker", ["rm", "--force", archiveName], { reject: false }));
    await execa("docker", ["run", "--rm", "--user", "0:0", "--label", label, "-v", `${received}:/received`, image, "chmod", "0777", "/received"]);
    const engineName = `${name}-engine`;
    await execa("docker", ["run", "--detach", ...engineArguments(engineName, "ro"), "sleep", "infinity"]);
    closers.push(() => execa("docker", ["rm", "--force", engineName]));
    const clientOf = (user: "writer" | "pruner"): S3Client => {
      const secretAccessKey = storeServer.secrets[0]?.sources[user] ?? "";
      const client = new S3Client({ endpoint: `http://${storeServer.host}:8333`, region: "us-east-1", forcePathStyle: true, credentials: { accessKeyId: user, secretAccessKey } });
      closers.push(async () => client.destroy());
      return client;
    };
    const [store, pruner] = [clientOf("writer"), clientOf("pruner")];
    const key = await readKey(image, directory);
    const archive = archiveReader({ program: "docker", args: ["exec", "--interactive", engineName, "node", "/app/point-in-time.js"] }, key);
    const sql = async (statement: string): Promise<string> => {
      const { exitCode, output } = await server.exec(["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--set=ON_ERROR_STOP=1", "--username=postgres", "--dbname=app", `--command=${statement}`]);
      if (exitCode !== 0) throw new Error(output);
      return output.trim();
    };
    const bench: ArchiveBench = {
      images, server, store, pruner, archive, sql, close,
      project: { environment, name, files: [], variables: {}, profiles: [] },
      inArchive: async (script) => (await execa("docker", ["exec", archiveName, "sh", "-euc", script])).stdout,
      startArchive: async () => {
        const mounted = engineArguments(archiveName, "ro");
        await execa("docker", ["run", "--detach", "-v", `${received}:/received`, ...mounted, "node", "/app/archive.js", "/received"]);
      },
      killArchive: async () => {
        await execa("docker", ["kill", "--signal", "KILL", archiveName]);
        await execa("docker", ["rm", "--force", archiveName]);
      },
      now: async () => {
        await wait(1_500);
        const now = new Date(`${await sql("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS')")}Z`);
        await wait(1_500);
        return now;
      },
      bases: async (count) => {
        const deadline = Date.now() + 180_000;
        for (;;) {
          const { Contents = [] } = await store.send(new ListObjectsV2Command({ Bucket: "backups", Prefix: "point-in-time/records/postgres-app/" })).catch(() => ({ Contents: [] }));
          if (Contents.filter(({ Key = "" }) => /\/bases\/[^/]+\.json\.asc$/.test(Key)).length >= count) return;
          if (Date.now() > deadline) throw new Error((await execa("docker", ["logs", archiveName], { all: true })).all);
          await wait(500);
        }
      },
      archived: async (instant) => {
        await sql("CREATE TABLE IF NOT EXISTS public.tick (at timestamptz); INSERT INTO public.tick VALUES (now()); SELECT pg_switch_wal()");
        const deadline = Date.now() + 180_000;
        for (;;) {
          const failure = await archive.path("postgres-app", instant).then(() => undefined, (error: unknown) => error);
          if (failure === undefined) return;
          if (Date.now() > deadline) throw new Error((await execa("docker", ["logs", archiveName], { all: true })).all, { cause: failure });
          await wait(500);
        }
      },
    };
    await bench.startArchive();
    return bench;
  } catch (error) {
    await close();
    throw error;
  }
}

/** The private half lies with the others, and only the container's user may read it. */
async function readKey(image: string, directory: string): Promise<string> {
  const { stdout } = await execa("docker", ["run", "--rm", "--label", label, "-v", `${directory}/keys:/keys:ro`, "--user", "1000:1000", image, "cat", "/keys/operations.key"]);
  return `${stdout}\n`;
}

const planFile = {
  environment, databases: [{ id: "postgres-app", prefix: "POSTGRES_APP" }], streams: [{ database: "postgres-app", loseAtMostSeconds: 300, keepSeconds: 3600 }],
  volumes: [], applications: [], visits: { address: "127.0.0.1", port: 443, hosts: [] }, repository: "/none", machine: "/none", keepSeconds: 3600, atHour: 2,
};
