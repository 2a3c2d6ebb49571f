/** The configuration file of a Redis container. */

const MiB = 1024 * 1024;

/**
 * Whether data survives a restart.
 *
 * - append-only: written to disk once a second; a crash of the machine loses at most the last second.
 * - none: memory only; for what can be made again.
 */
export type Persistence = "append-only" | "none";

/**
 * The part of the memory limit that data may fill. The rest is for what `maxmemory` does not count (buffers of clients,
 * fragmentation), and, with an append-only file, for the pages that are copied when a child process rewrites it
 * (redis.io/docs/latest/operate/oss_and_stack/management/admin: "Redis may use up to twice the memory").
 */
const shareForData: Readonly<Record<Persistence, number>> = { "append-only": 0.5, none: 0.75 };

/** Memory of an empty server: 8.0 takes about 8 MiB. */
const emptyServer = 8 * MiB;

/**
 * Bytes that data may take in a container with this limit.
 *
 * @throws RangeError below 32 MiB
 */
export function dataBytes(memoryBytes: number, persistence: Persistence): number {
  if (memoryBytes < 32 * MiB) {
    throw new RangeError(`Redis needs a memory limit of at least 32 MiB; this one is ${Math.floor(memoryBytes / MiB)} MiB.`);
  }
  return Math.floor((memoryBytes - emptyServer) * shareForData[persistence]);
}

export interface RedisOptions {
  /** The container's memory limit in bytes. */
  readonly memoryBytes: number;
  readonly persistence: Persistence;
  /** Where the container finds its access list. */
  readonly accessListFile: string;
  readonly port: number;
}

/**
 * redis.conf. A full server refuses writes (`noeviction`) instead of forgetting sessions at random: people stay signed
 * in, and an alert tells that it is full. No snapshots (`save ""`): the append-only file is the one copy, and forking for
 * a second one would take its memory too.
 *
 * @throws RangeError below 32 MiB of memory
 */
export function redisConfiguration({ memoryBytes, persistence, accessListFile, port }: RedisOptions): string {
  const lines: readonly (readonly [setting: string, why: string])[] = [
    [`port ${port}`, "plain TCP: the network never leaves the host"],
    [`bind * -::*`, "all networks of the container; who may connect is the access list's and the network's business"],
    [`protected-mode yes`, "nobody gets in from outside should the access list ever leave `default` without a password"],
    [`aclfile ${accessListFile}`, "users with hashes of their passwords, from a secret file"],
    [`dir /data`, "the volume"],
    [`appendonly ${persistence === "append-only" ? "yes" : "no"}`, "see Persistence in apps/redis/configuration.ts"],
    [`appendfsync everysec`, "loses at most the last second"],
    [`save ""`, "the append-only file is the one copy"],
    [`maxmemory ${dataBytes(memoryBytes, persistence)}`, "leaves room for buffers and for rewriting the append-only file"],
    [`maxmemory-policy noeviction`, "a full server refuses writes instead of signing people out at random"],
    [`maxclients 500`, "a leak of connections in a client shows before memory ends"],
    [`timeout 0`, "sessions of clients last; dead ones are found by the next line"],
    [`tcp-keepalive 60`, "a client that vanished is let go within two minutes"],
    [`lazyfree-lazy-user-del yes`, "deleting a large value does not stop others"],
    [`latency-monitor-threshold 100`, "milliseconds; events have names and no data"],
    [`slowlog-log-slower-than -1`, "the slow log keeps arguments, which are people's sessions"],
    [`hide-user-data-from-log yes`, "keys and values stay out of crash reports"],
    [`enable-debug-command no`, "nobody needs it here"],
    [`enable-module-command no`, "loading a module is running code"],
    [`logfile ""`, "to the container's log"],
  ];
  return lines.map(([setting, why]) => `# ${why}\n${setting}\n`).join("");
}
