/**
 * The backup engine beside the raw pipeline of the same tools, the naive script, restic and pgBackRest, on one database.
 *
 *     nice -n 15 node bench/backup.ts [GB]
 *
 * Everything runs in containers on this machine, the store too: a line to a region is slower than all of it.
 */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { imagesHere, startBench } from "@jlam/cli/backup-bench";
import { watched, withPackages, type Cost } from "./measured-container.ts";
import { printMachine, printTable } from "./table.ts";

const gigabytes = Number(process.argv[2] ?? 2);
const label = "nl.jlam.test=backup";

const images = await imagesHere();
if (images === undefined) throw new Error("This machine lacks the images of PostgreSQL, SeaweedFS or Node: `./jlam images build`.");
// pgBackRest reads the server's files, so it runs in the server's container.
const bench = await startBench({ ...images, postgres: await withPackages("server", images.postgres, "pgbackrest") });
const { stdout: server } = await execa("docker", ["ps", "--quiet", "--filter", "label=nl.jlam.test=databases", "--filter", "ancestor=jlam-bench/backup-server:latest"]);
const tools = await withPackages("tools", "jlam-test/backup-programs:latest", "restic rclone");
const { stdout: target } = await execa("docker", ["run", "--detach", "--label", label, "--memory", "1g", "--env", "POSTGRES_HOST_AUTH_METHOD=trust", images.postgres, "postgres", "-c", "fsync=off", "-c", "max_wal_size=4GB"]);

/**
 * The peers have a store of their own, the same program with the same processor: they delete what they wrote, and our
 * writer can't. Its memory is six times that of ours, for they ask for objects whole: SeaweedFS 4.48 then reads ahead,
 * four chunks further with every 256 KiB that it sends, until 256 chunks of 8 MiB are in its memory. Within 512 MB the
 * kernel kills it in the middle of an object of that size, which its reader sees as an unexpected end.
 */
const peers = { user: "peer", key: randomBytes(18).toString("hex") };
await writeFile(join(bench.directory, "identities.json"), JSON.stringify({ identities: [{ name: peers.user, credentials: [{ accessKey: peers.user, secretKey: peers.key }], actions: ["Admin"] }] }), { mode: 0o644 });
const { stdout: peerStore } = await execa("docker", [
  "run", "--detach", "--label", label, "--memory", "3g", "--cpus", "1", "--volume", "/data", "--user", "0:0", "--volume", `${bench.directory}/identities.json:/identities.json:ro`, "--env", "GOMEMLIMIT=2400MiB", "--entrypoint", "weed", images.store,
  "-logtostderr=true", "server", "-dir=/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.volumeSizeLimitMB=256", "-master.telemetry=false", "-volume.max=0", "-filer=true", "-s3=true", "-s3.ip.bind=0.0.0.0", "-s3.port=8333", "-s3.config=/identities.json", "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
]);

/** What every script of the peers begins with: connections, keys, and where restic keeps things. */
const prelude = [
  "set -euo pipefail",
  `export PGHOST=${bench.server.host} PGUSER=app_backup PGDATABASE=app PGPASSFILE=/tmp/pgpass`,
  "(umask 077; echo \"*:*:*:*:$(cat /bench/database-password)\" > /tmp/pgpass)",
  "export GNUPGHOME=/tmp/gnupg; mkdir -m 700 $GNUPGHOME; gpg --batch --quiet --import /bench/keys/operations.key /bench/keys/escrow.pub",
  "export RCLONE_CONFIG=/bench/rclone.conf AWS_SHARED_CREDENTIALS_FILE=/bench/aws RESTIC_REPOSITORY=s3:$(sed -n 's/^endpoint = //p' /bench/rclone.conf)/backups/restic RESTIC_PASSWORD_FILE=/bench/store-key RESTIC_CACHE_DIR=/work/cache",
].join("\n");
const encrypt = "gpg --batch --encrypt --trust-model always --cipher-algo AES256 --compress-algo none --recipient operations --recipient escrow";
const intoTarget = "PGHOST=$TARGET PGUSER=postgres pg_restore --no-password --no-owner --no-acl --exit-on-error --dbname=restored";

/** A shell script with the peers' tools; a failing one throws with its words. */
const script = (name: string, text: string): Promise<Cost & { readonly result: string }> =>
  watched(`jlam-bench-${name}`, async () => (await execa("docker", ["run", "--rm", "--init", "--label", label, "--name", `jlam-bench-${name}`, "--tmpfs", "/tmp:mode=1777", "--volume", `${bench.directory}:/bench:ro`, "--volume", "/work", "--env", `TARGET=${await addressOf(target)}`, tools, "bash", "-c", `${prelude}\n${text}`])).stdout);

/** The same, timed from its first program to its last: neither the container's start nor the keys are part of a dump. */
async function dumped(name: string, text: string): Promise<Cost> {
  const { result, ...cost } = await script(name, `began=$(date +%s%N)\n${text}\necho $(($(date +%s%N) - began))`);
  return { ...cost, seconds: Number(result) / 1e9 };
}

async function addressOf(id: string): Promise<string> {
  return (await execa("docker", ["inspect", "--format", "{{.NetworkSettings.Networks.bridge.IPAddress}}", id])).stdout;
}

/** A restore into an empty database, which is dropped again. */
async function restored(name: string, text: string): Promise<Cost> {
  const sql = (statement: string) => execa("docker", ["exec", target, "psql", "--username=postgres", "--quiet", `--command=${statement}`]);
  await sql("CREATE DATABASE restored TEMPLATE template0");
  const cost = await script(`${name}-restore`, text);
  await sql("DROP DATABASE restored");
  return cost;
}

const bytesBelow = async (path: string): Promise<number> => Number((await script("size", `rclone size --json s:backups/${path} | sed 's/.*"bytes":\\([0-9]*\\).*/\\1/'`)).result);

try {
  const endpoint = `http://${bench.storeHost}:8333`;
  const theirs = `http://${await addressOf(peerStore)}:8333`;
  await writeFile(join(bench.directory, "rclone.conf"), `[s]\ntype = s3\nprovider = Other\nendpoint = ${theirs}\naccess_key_id = ${peers.user}\nsecret_access_key = ${peers.key}\nno_check_bucket = true\n`);
  await writeFile(join(bench.directory, "aws"), `[default]\naws_access_key_id = ${peers.user}\naws_secret_access_key = ${peers.key}\n`);
  await script("bucket", "for i in $(seq 60); do rclone mkdir --s3-no-check-bucket=false s:backups && exit 0; sleep 1; done; exit 1");
  // Half of it words and numbers that compress well, half of it identifiers that don't.
  await bench.sql(`SET ROLE app_owner; CREATE TABLE public.note AS
    SELECT i AS id, now() - i * interval '1 second' AS written, repeat('woord ' || i % 97 || ' ', 12) AS words, gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text AS code
    FROM generate_series(1, ${Math.round(gigabytes * 3_150_000)}) i; ALTER TABLE public.note ADD PRIMARY KEY (id);`);
  const plainBytes = Number((await script("plain", "pg_dump --format=plain | wc -c")).result);
  const databaseBytes = Number(await bench.sql("SELECT pg_database_size('app')"));
  printMachine();
  console.log(`A database of ${(databaseBytes / 1e9).toFixed(2)} GB; as plain SQL ${(plainBytes / 1e9).toFixed(2)} GB, by which all rates are told.\n`);
  const rate = (seconds: number): string => (plainBytes / 1e6 / seconds).toFixed(1);
  const rows: string[][] = [];
  const row = (name: string, seconds: number, cost: Cost, bytes: number | undefined, restoreSeconds: number | undefined): void => {
    rows.push([name, rate(seconds), cost.cpuSeconds.toFixed(1), (cost.peakBytes / 2 ** 20).toFixed(0), bytes === undefined ? "" : (bytes / 1e6).toFixed(0), restoreSeconds === undefined ? "" : rate(restoreSeconds)]);
    console.error(rows.at(-1)?.join("  "));
  };

  const ours = await watched("jlam-bench-ours", () => bench.run(["run"], { name: "jlam-bench-ours", environment: { STORE_URL: endpoint } }));
  if (ours.result.exitCode !== 0) throw new Error(ours.result.errors);
  const sent = ours.result.lines.findLast(({ step, key }) => step === "sent" && String(key).includes(".dump."));
  const dumpSeconds = Number(sent?.["seconds"]);
  const settings = `STORE_URL=${endpoint} STORE_BUCKET=backups STORE_REGION=us-east-1 STORE_ACCESS_KEY=writer STORE_PASSWORD_FILE=/bench/store-key SIGNING_KEY_FILE=/bench/keys/signing.key`;
  const oursBack = await restored("ours", `${settings} node /bench/app/backup.js read --of postgres-app --kind database --key /bench/keys/operations.key | ${intoTarget}`);
  row("our engine: dump to upload", dumpSeconds, ours, Number(sent?.["bytes"]), oursBack.seconds);
  row("our engine: its whole run, rows counted and hashed", ours.seconds, ours, undefined, undefined);

  const raw = await dumped("raw", `pg_dump --format=custom --compress=none | zstd -3 --quiet | ${encrypt} | rclone rcat s:backups/raw/dump --s3-chunk-size 16M --s3-upload-concurrency 4`);
  const rawBack = await restored("raw", `rclone cat s:backups/raw/dump | gpg --batch --quiet --decrypt | zstd --decompress --quiet | ${intoTarget}`);
  row("raw pipeline: pg_dump, zstd, gpg, rclone", raw.seconds, raw, await bytesBelow("raw"), rawBack.seconds);

  const symmetric = "gpg --batch --quiet --pinentry-mode loopback --passphrase-file /bench/store-key";
  const naive = await dumped("naive", `pg_dump --format=custom | ${symmetric} --symmetric > /work/naive.gpg; rclone copyto /work/naive.gpg s:backups/naive/dump`);
  const naiveBack = await restored("naive", `rclone copyto s:backups/naive/dump /work/naive.gpg; ${symmetric} --decrypt /work/naive.gpg > /work/naive.dump; ${intoTarget} /work/naive.dump`);
  row("naive script: pg_dump -Fc, gpg --symmetric, disk, upload", naive.seconds, naive, await bytesBelow("naive"), naiveBack.seconds);

  await script("restic-init", "restic init --quiet");
  const restic = await dumped("restic", "pg_dump --format=custom --compress=none | restic backup --quiet --stdin --stdin-filename dump");
  const resticBack = await restored("restic", `restic dump --quiet latest dump | ${intoTarget}`);
  row("restic (the machine holds its key)", restic.seconds, restic, await bytesBelow("restic"), resticBack.seconds);

  const pgBackRest = await withPgBackRest();
  if (typeof pgBackRest === "string") rows.push(["pgBackRest", `not run: ${pgBackRest}`]);
  else row("pgBackRest (the machine holds its key; to its own disk)", pgBackRest.seconds, pgBackRest, pgBackRest.bytes, pgBackRest.restoreSeconds);

  printTable(["what", "MB/s", "CPU s", "peak MB", "object MB", "restore MB/s"], rows);
  console.log(`\nours / raw pipeline, dump to upload: ${(raw.seconds / dumpSeconds).toFixed(2)} (goal 0.95); restore, ours / best of pg_restore's: ${(Math.min(rawBack.seconds, naiveBack.seconds, resticBack.seconds) / oursBack.seconds).toFixed(2)} (goal 0.9)`);
  console.log("CPU and memory are the program's own container's, without the server's; memory is what is no file cache. pgBackRest's are the server's container's.");
} finally {
  await execa("docker", ["rm", "--force", "--volumes", target, peerStore]);
  await bench.close();
}

/** It takes S3 by TLS only, and our store has none: so it writes to the server's disk, which is less work. */
async function withPgBackRest(): Promise<(Cost & { readonly bytes: number; readonly restoreSeconds: number }) | string> {
  const folder = "/var/lib/postgresql/data/bench";
  // In a file: there, a command passes over what isn't its business; on the command line it refuses it.
  const configuration = [
    ...["[global]", `repo1-path=${folder}/repo`, "repo1-cipher-type=aes-256-cbc", "compress-type=zst", "compress-level=3", "process-max=2", "archive-check=n", "archive-mode-check=n"],
    ...["log-level-file=off", "log-level-console=error", `lock-path=${folder}/lock`, `spool-path=${folder}/spool`, "exclude=bench/", "start-fast=y"],
    ...["[app]", "pg1-path=/var/lib/postgresql/data", "pg1-user=postgres", ""],
  ].join("\n");
  const run = (name: string, more: readonly string[]) =>
    execa("docker", ["exec", "--env", "PGBACKREST_REPO1_CIPHER_PASS=for-this-benchmark-only", server, "pgbackrest", `--config=${folder}/pgbackrest.conf`, "--stanza=app", ...more, name], { reject: false, all: true });
  await execa("docker", ["exec", server, "mkdir", "-p", `${folder}/lock`, `${folder}/spool`, `${folder}/restored`]);
  await execa("docker", ["exec", "--interactive", server, "tee", `${folder}/pgbackrest.conf`], { input: configuration });
  const made = await run("stanza-create", ["--online"]);
  if (made.failed) return made.all.slice(0, 120);
  const { result, ...cost } = await watched(server, () => run("backup", ["--type=full"]));
  if (result.failed) return result.all.slice(0, 120);
  const { stdout: size } = await execa("docker", ["exec", server, "du", "-sb", `${folder}/repo`]);
  const back = await watched(server, () => run("restore", ["--type=none", `--pg1-path=${folder}/restored`]));
  return back.result.failed ? back.result.all.slice(0, 120) : { ...cost, bytes: Number(size.split("\t")[0]), restoreSeconds: back.seconds };
}
