/** PostgreSQL's own programs as this engine calls them. Passwords reach them in a file, never in an argument. */
import { access, chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BackupError } from "../failure.ts";
import type { Program } from "../programs/pipeline.ts";
import type { DatabaseAddress } from "./session.ts";

/** A password file as libpq reads it, on a memory file system, until `remove`. */
export interface PasswordFile {
  readonly path: string;
  remove(): Promise<void>;
}

/** Writes the address's password as libpq wants it; colons and backslashes in it are escaped. */
export async function writePasswordFile({ passwordFile }: DatabaseAddress): Promise<PasswordFile> {
  const directory = await mkdtemp(join(tmpdir(), "pgpass-"));
  const path = join(directory, "pgpass");
  const password = (await readFile(passwordFile, "utf8")).trim().replaceAll(/[\\:]/g, "\\$&");
  await writeFile(path, `*:*:*:*:${password}\n`, { mode: 0o600 });
  await chmod(path, 0o600);
  return { path, remove: () => rm(directory, { recursive: true, force: true }) };
}

/**
 * Where the programs of a server's major version are. pg_dump refuses a newer server, and one of another version may
 * write what the older server doesn't take back.
 * @throws BackupError when this image has none of that version
 */
export async function programsOf(major: number, directory = "/usr/lib/postgresql"): Promise<string> {
  const path = `${directory}/${major}/bin`;
  await access(`${path}/pg_dump`).catch(() => {
    throw new BackupError(`The server is PostgreSQL ${major}, and this image has no pg_dump of that version.`, {
      fix: `Add postgresql-client-${major} to apps/backup/Dockerfile.`,
    });
  });
  return path;
}

/** Variables by which any program of PostgreSQL finds the server. */
export function connectionEnvironment(address: DatabaseAddress, password: PasswordFile): Readonly<Record<string, string>> {
  return {
    PGHOST: address.host,
    PGPORT: String(address.port),
    PGUSER: address.user,
    PGPASSFILE: password.path,
    PGCONNECT_TIMEOUT: "10",
    PGAPPNAME: "jlam-backup",
    ...(address.authorityFile === undefined ? { PGSSLMODE: "disable" } : { PGSSLMODE: "verify-full", PGSSLROOTCERT: address.authorityFile }),
  };
}

/** Dumps the database as the snapshot shows it, in PostgreSQL's custom format; zstd compresses it, faster than pg_dump. */
export const dump = (bin: string, address: DatabaseAddress, password: PasswordFile, snapshot: string): Program => ({
  command: `${bin}/pg_dump`,
  args: ["--no-password", "--format=custom", "--compress=none", `--snapshot=${snapshot}`, "--lock-wait-timeout=60s", `--dbname=${address.name}`],
  environment: connectionEnvironment(address, password),
});

/** The server's roles and their settings as SQL. Without passwords: their verifiers are in the encrypted secrets. */
export const dumpRoles = (bin: string, address: DatabaseAddress, password: PasswordFile): Program => ({
  command: `${bin}/pg_dumpall`,
  args: ["--no-password", "--roles-only", "--no-role-passwords", `--database=${address.name}`],
  environment: connectionEnvironment(address, password),
});

/** Restores the dump that it reads into the address's database, and stops at the first error. */
export const restore = (bin: string, address: DatabaseAddress, password: PasswordFile): Program => ({
  command: `${bin}/pg_restore`,
  args: ["--no-password", "--exit-on-error", "--no-owner", "--no-acl", `--dbname=${address.name}`],
  environment: connectionEnvironment(address, password),
});

/** Reads every table and index of the restored database, and looks up each row in each index; for a superuser. */
export const checkIndexes = (bin: string, address: DatabaseAddress, password: PasswordFile): Program => ({
  command: `${bin}/pg_amcheck`,
  args: ["--no-password", "--install-missing", "--heapallindexed", `--database=${address.name}`],
  environment: connectionEnvironment(address, password),
});

/**
 * Level 3 keeps up with pg_dump; level 9, at 39 MB/s, would be what everything waits for. The checksum lets a person find
 * damage by `zstd --test`. Told to be verbose twice, it says how many bytes it read, to the byte.
 */
export const compress: Program = {
  command: "zstd",
  args: ["-3", "-vv", "--no-progress", "--check", "--stdout", "-"],
  bytesRead: (words) => firstNumber(/\( *(\d+) B => +\d+ B, /, words),
};
export const decompress: Program = { command: "zstd", args: ["--decompress", "--quiet", "--stdout", "-"] };

/** Writes a file, and says how many bytes it had. */
export const readFileWhole = (path: string): Program => ({ command: "dd", args: [`if=${path}`, "bs=1M"], bytesRead: (words) => firstNumber(/^(\d+) bytes? /m, words) });

function firstNumber(pattern: RegExp, words: string): number | undefined {
  const digits = pattern.exec(words)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
