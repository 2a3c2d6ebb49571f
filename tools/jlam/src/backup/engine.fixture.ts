/** The backup engine in its own container, with real keys, a real PostgreSQL and a real store: what its tests talk to. */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { pruning } from "@jlam/backup/stack";
import { notBackedUp, objectStore, postgres } from "@jlam/compose-dsl";
import { objectStoreContainer } from "@jlam/object-store";
import { postgresContainer } from "@jlam/postgres";
import { execa } from "execa";
import { startProvided, type RunningService } from "../databases/provided-service.ts";
import { buildPrograms, imagesOf, type Images } from "./programs.fixture.ts";
import { startFaultyStore, type FaultyStore } from "./faulty-store.fixture.ts";

const database = postgresContainer(postgres("app", { owner: "platform", holds: "medical-data", backup: notBackedUp("a test") }), { memory: "512M", cpus: 1 });
const region = (name: string) => objectStoreContainer(objectStore(name, { owner: "platform", holds: "medical-data", backup: notBackedUp("a test") }), { memory: "512M", cpus: 1 }, pruning);
const [bucket, copyBucket] = [region("backups"), region("backups-copy")];
const label = "nl.jlam.test=backup";

/** Images that the tests need; undefined when this machine lacks one of them, so that they skip by name. */
export const imagesHere = (): Promise<Images | undefined> => imagesOf(database, bucket);

/** One run of the engine's command line. */
export interface Ran {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
  /** Its lines of JSON. */
  readonly lines: readonly Record<string, unknown>[];
}

export interface EngineOptions {
  /** Variables instead of the usual ones. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Further mounts, as `docker run -v` takes them. */
  readonly mounts?: readonly string[];
  /** Name of the container, to kill it by. */
  readonly name?: string;
  readonly tmpfs?: string;
}

export interface Bench {
  readonly server: RunningService;
  readonly store: FaultyStore;
  readonly directory: string;
  /** The second region, by a door of its own. */
  readonly copyStore: FaultyStore;
  readonly storeKey: string;
  readonly storeHost: string;
  /** The regions as an S3 client reaches them, by a login of theirs. */
  client(region: "first" | "second", user: "writer" | "reader" | "pruner"): S3Client;
  /** `backup ARGS --json` in a fresh container: read-only, not root, 256 MB, no capability. */
  run(args: readonly string[], options?: EngineOptions): Promise<Ran>;
  /** `backup prune` as the pruner, by the times of a plan. */
  prune(plan: string): Promise<Ran>;
  /** SQL as superuser in the database. */
  sql(statement: string): Promise<string>;
  /** A program in the image of the engine, beside the keys in /keys. */
  shell(script: string): Promise<string>;
  /** Arguments by which `verify` restores into the throwaway server with a private key. */
  restoring(key: "operations" | "escrow" | "stranger"): readonly string[];
  close(): Promise<void>;
}

/** Starts everything that the tests share. Takes about half a minute with the images there. */
export async function startBench(images: Images): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), "jlam-backup-"));
  const closers: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const image = await buildPrograms(images, directory);
    const server = await startProvided(database, images.postgres);
    closers.push(() => server.stop());
    const storeServer = await startProvided(bucket, images.store);
    closers.push(() => storeServer.stop());
    const store = await startFaultyStore(storeServer.host, 8333);
    closers.push(() => store.close());
    const copyServer = await startProvided(copyBucket, images.store);
    closers.push(() => copyServer.stop());
    const copyStore = await startFaultyStore(copyServer.host, 8333);
    closers.push(() => copyStore.close());
    await mkdir(join(directory, "keys"));
    await makeKeys(image, join(directory, "keys"));
    const throwaway = await startThrowaway(images.postgres, directory);
    closers.push(throwaway.stop);
    const gateway = (await execa("docker", ["network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}"])).stdout;
    const keyOf = (server: RunningService, user: string): string => server.secrets[0]?.sources[user] ?? "";
    const storeKey = keyOf(storeServer, "writer");
    for (const user of ["writer", "pruner"]) {
      await writeFile(join(directory, `store-key-${user}`), keyOf(storeServer, user));
      await writeFile(join(directory, `copy-key-${user}`), keyOf(copyServer, user));
    }
    await writeFiles(directory, { databasePassword: server.secrets.find(({ name }) => name === "BACKUP_VERIFIER")?.sources["password"] ?? "", storeKey });

    const environment = {
      PLAN_FILE: "/bench/plan.json",
      POSTGRES_APP_HOST: server.host, POSTGRES_APP_PORT: "5432", POSTGRES_APP_NAME: "app", POSTGRES_APP_USER: "app_backup", POSTGRES_APP_PASSWORD_FILE: "/bench/database-password",
      OPERATIONS_KEY_FILE: "/bench/keys/operations.pub", ESCROW_KEY_FILE: "/bench/keys/escrow.pub", SIGNING_KEY_FILE: "/bench/keys/signing.key",
      STORE_URL: `http://${gateway}:${store.port}`, STORE_BUCKET: "backups", STORE_REGION: "us-east-1", STORE_ACCESS_KEY: "writer", STORE_PASSWORD_FILE: "/bench/store-key",
      COPY_URL: `http://${gateway}:${copyStore.port}`, COPY_BUCKET: "backups-copy", COPY_REGION: "us-east-1", COPY_ACCESS_KEY: "writer", COPY_PASSWORD_FILE: "/bench/copy-key-writer",
      STORE_TIMEOUT_MS: "60000",
    };
    const asPruner = { STORE_ACCESS_KEY: "pruner", STORE_PASSWORD_FILE: "/bench/store-key-pruner", COPY_ACCESS_KEY: "pruner", COPY_PASSWORD_FILE: "/bench/copy-key-pruner" };
    const containerArguments = (args: readonly string[], options: EngineOptions = {}): readonly string[] => [
      "run", "--rm", "--init", "--label", label, "--read-only", "--user", "1000:1000", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
      "--memory", "256m", "--memory-swap", "256m", "--pids-limit", "64", "--tmpfs", options.tmpfs ?? "/tmp:size=16m,mode=1777",
      ...(options.name === undefined ? [] : ["--name", options.name]),
      "-v", `${directory}:/bench:ro`, ...(options.mounts ?? []).flatMap((mount) => ["-v", mount]),
      ...Object.entries({ ...environment, ...options.environment }).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      image, "node", "/bench/app/backup.js", ...args, "--json",
    ];
    const run: Bench["run"] = async (args, options) => {
      const { exitCode = -1, stdout, stderr } = await execa("docker", [...containerArguments(args, options)], { reject: false, timeout: 400_000 });
      const lines = stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>);
      return { exitCode, output: stdout, errors: stderr, lines };
    };
    return {
      server, store, copyStore, directory, storeKey, storeHost: storeServer.host, close, run,
      client: (where, user) => {
        const server = where === "first" ? storeServer : copyServer;
        return new S3Client({ endpoint: `http://${server.host}:8333`, region: "us-east-1", forcePathStyle: true, credentials: { accessKeyId: user, secretAccessKey: keyOf(server, user) } });
      },
      prune: (plan) => run(["prune"], { environment: { PLAN_FILE: `/bench/${plan}`, ...asPruner } }),
      sql: async (statement) => {
        const result = await server.exec(["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--set=ON_ERROR_STOP=1", "--username=postgres", "--dbname=app", `--command=${statement}`]);
        if (result.exitCode !== 0) throw new Error(result.output);
        return result.output.trim();
      },
      shell: (script) => inImage(image, join(directory, "keys"), script),
      restoring: (key) => ["--key", `/bench/keys/${key}.key`, "--host", throwaway.host, "--user", "postgres", "--password-file", "/bench/throwaway-password"],
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function inImage(image: string, keys: string, script: string): Promise<string> {
  const { stdout } = await execa("docker", ["run", "--rm", "--label", label, "--user", "0:0", "--tmpfs", "/tmp:mode=1777", "-v", `${keys}:/keys`, "--env", "GNUPGHOME=/tmp", image, "sh", "-ec", script]);
  return stdout;
}

/** Keys as a ceremony makes them, without passphrases: operations, escrow, a signing one, a stranger's, and one that has expired. */
async function makeKeys(image: string, keys: string): Promise<void> {
  const encrypting = (name: string, expires = "0") => [
    `printf 'Key-Type: EDDSA\\nKey-Curve: ed25519\\nKey-Usage: sign\\nSubkey-Type: ECDH\\nSubkey-Curve: cv25519\\nName-Real: ${name}\\nExpire-Date: ${expires}\\n%%no-protection\\n%%commit\\n' | gpg --batch --quiet --gen-key`,
    `gpg --batch --armor --export ${name} > /keys/${name}.pub`,
    `gpg --batch --armor --export-secret-keys ${name} > /keys/${name}.key`,
  ];
  await inImage(image, keys, [
    ...encrypting("operations"), ...encrypting("escrow"), ...encrypting("stranger"), ...encrypting("expired", "seconds=1"),
    ...["signing", "forger"].flatMap((name) => [
      `gpg --batch --quiet --passphrase '' --quick-generate-key ${name} ed25519 sign never`,
      `gpg --batch --armor --export-secret-keys ${name} > /keys/${name}.key`,
    ]),
    "tar --create --directory=/keys signing.key | gpg --batch --quiet --trust-model always --encrypt --recipient operations --recipient escrow > /keys/machine.tar.gpg",
    "chmod 0444 /keys/*",
  ].join("\n"));
}

/** PostgreSQL with the image's own rules, in memory, that nobody else uses. */
async function startThrowaway(image: string, directory: string) {
  const password = randomBytes(18).toString("hex");
  await writeFile(join(directory, "throwaway-password"), password);
  const { stdout: id } = await execa("docker", ["run", "--detach", "--label", label, "--memory", "512m", "--tmpfs", "/var/lib/postgresql/data:mode=0700,uid=999,gid=999", "--user", "999:999", "-v", `${directory}/throwaway-password:/run/password:ro`, "--env", "POSTGRES_PASSWORD_FILE=/run/password", image, "postgres", "-c", "fsync=off"]);
  const stop = () => execa("docker", ["rm", "--force", "--volumes", id]);
  try {
    const { stdout: host } = await execa("docker", ["inspect", "--format", "{{.NetworkSettings.Networks.bridge.IPAddress}}", id]);
    await execa("docker", ["exec", id, "sh", "-c", "for i in $(seq 120); do pg_isready --quiet --host=127.0.0.1 && exit 0; sleep 0.5; done; exit 1"]);
    return { host, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function writeFiles(directory: string, { databasePassword, storeKey }: { readonly databasePassword: string; readonly storeKey: string }): Promise<void> {
  await writeFile(join(directory, "database-password"), databasePassword);
  await writeFile(join(directory, "store-key"), storeKey);
  await writePlan(directory, "plan.json", {});
  await mkdir(join(directory, "files"));
  await writeFile(join(directory, "files", "notes.txt"), "kept in a volume\n");
  // A real bundle of a repository of one commit.
  const repository = join(directory, "repository");
  const git = (...args: readonly string[]) => execa("git", ["-C", repository, "-c", "user.name=Test", "-c", "user.email=test@example.org", ...args]);
  await mkdir(repository);
  await git("init", "--quiet");
  await writeFile(join(repository, "README.md"), "a repository\n");
  await git("add", ".");
  await git("commit", "--quiet", "--message=first");
  await git("bundle", "create", "--quiet", join(directory, "platform.bundle"), "HEAD");
  await execa("chmod", ["-R", "a+rX", directory]);
  await chmod(directory, 0o755);
}

/** A door that stays shut until somebody opens it. */
export function door(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** A plan file in the bench's directory, with some fields other than usual. */
export async function writePlan(directory: string, name: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
  const plan = { environment: "test", databases: [{ id: "postgres-app", prefix: "POSTGRES_APP" }], volumes: [{ id: "volume-files", volume: "files", path: "/bench/files" }], applications: [], visits: { address: "127.0.0.1", port: 443, hosts: [] }, repository: "/bench/platform.bundle", machine: "/bench/keys/machine.tar.gpg", keepSeconds: 3600, atHour: 2, ...fields };
  await writeFile(join(directory, name), JSON.stringify(plan));
}
