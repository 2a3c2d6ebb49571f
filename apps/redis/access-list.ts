/** Who may do what in a Redis container: the access list that it reads at start. */
import { createHash } from "node:crypto";

/** Logins with a password; `health` and `default` have none. */
export type RedisUser = "application" | "monitoring";

/**
 * What keeping sessions needs: strings that expire, one by one, and sets of them (all sessions of one person), each under
 * a key that the caller knows. Nothing that lists keys (KEYS, SCAN, RANDOMKEY), empties the database, publishes, runs
 * scripts or changes the server.
 */
const sessionCommands = [
  "hello", "ping", "quit", "client|setname", "client|setinfo",
  "get", "getex", "getdel", "set", "del", "unlink", "exists", "expire", "pexpire", "ttl", "pttl",
  "sadd", "smembers",
] as const;

/** What redis_exporter asks; no command that shows a key or a value, so no SLOWLOG and no MONITOR either. */
const monitoringCommands = [
  "hello", "ping", "quit", "select", "client|setname", "client|setinfo",
  "info", "dbsize", "config|get", "latency|latest", "latency|histogram", "memory|stats",
] as const;

/**
 * The access list as a file for Redis' `aclfile`. It holds hashes, so that a copy of it lets nobody in: plain SHA-256,
 * which is what Redis takes, and which is enough for generated passwords only.
 *
 * `default`, as whom every connection begins, is off: an unknown client can do nothing but sign in. `health` may PING
 * and nothing else and needs no password, so that the health check has no secret on its command line.
 *
 * @throws RangeError when a password has fewer than 20 characters
 */
export function accessList(passwords: Readonly<Record<RedisUser, string>>): string {
  return [
    `user default reset`,
    `user health reset on nopass ${only(["ping", "quit"])}`,
    `user application reset on #${hash("application", passwords.application)} ~* ${only(sessionCommands)}`,
    `user monitoring reset on #${hash("monitoring", passwords.monitoring)} ${only(monitoringCommands)}`,
    ``,
  ].join("\n");
}

function only(commands: readonly string[]): string {
  return ["-@all", ...commands.map((command) => `+${command}`)].join(" ");
}

function hash(user: RedisUser, password: string): string {
  if (password.length < 20) {
    throw new RangeError(`The password of Redis user ${user} has ${password.length} characters; 20 is the least. Let it be generated.`);
  }
  return createHash("sha256").update(password).digest("hex");
}
