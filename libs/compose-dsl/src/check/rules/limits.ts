import { declaredAt, type Finding, type Rule } from "../rule.ts";

/** The least memory that Docker accepts for a container (moby, daemon_unix.go: linuxMinMemory). */
const leastMemory = 6 * 1024 ** 2;
/** The smallest share of a processor that Docker accepts (its own message: "Range of CPUs is from 0.01"). */
const leastCpus = 0.01;

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2).toLocaleString("en")} MiB`;

export const limits: Rule = {
  name: "limits",
  severity: "error",
  why: "a container without a limit takes what all others need; Docker refuses limits that are too small or beyond its machine",
  *check({ services, node: { host } }) {
    for (const service of services.values()) {
      const at = declaredAt(service, "resources");
      const { memory, cpus, pids } = service.node.resources;
      const wrong = (field: string, message: string, fix: string): Finding => ({ subject: `${service.name} resources.${field}`, message: `"${service.name}" ${message}`, fix, at });
      if (!(memory.bytes >= leastMemory)) yield wrong("memory", `may use ${memory.bytes} bytes of memory, less than the 6 MiB that Docker accepts`, 'give it what it needs, such as memory: "128M"');
      if (!(cpus >= leastCpus)) yield wrong("cpus", `may use ${cpus} processors; the least is ${leastCpus}`, "give it a share, such as cpus: 0.25");
      if (cpus > host.cpus) yield wrong("cpus", `may use ${cpus} processors of a host that has ${host.cpus}`, `give it ${host.cpus} or less here, with \`override\` if others have more`);
      if (!Number.isInteger(pids) || pids < 1) yield wrong("pids", `may have ${pids} processes`, "write a whole number of 1 or more");
    }
  },
};

export const memorySum: Rule = {
  name: "memory-sum",
  severity: "error",
  why: "when all use what they may, the kernel kills one of them, and not the one that is to blame",
  *check({ services, node }) {
    // A stand-in never runs beside those whose memory it would need.
    const claims = [...services.values()].filter(({ node: { standsInFor } }) => standsInFor.length === 0).map(({ name, node: { resources, release, kind } }) => ({
      name,
      kind,
      // While it is released, the old and the new colour run beside each other.
      bytes: resources.memory.bytes * (release.kind === "blue-green" ? 2 : 1),
    }));
    const sum = claims.reduce((total, { bytes }) => total + bytes, 0);
    if (sum <= node.host.memory.bytes) return;
    const largest = claims.toSorted((a, b) => b.bytes - a.bytes).slice(0, 3);
    yield {
      subject: "host.memory",
      message: `the limits of ${claims.length} containers add up to ${mebibytes(sum)}, and the host has ${mebibytes(node.host.memory.bytes)}; the largest are ${largest.map(({ name, bytes }) => `${name} (${mebibytes(bytes)})`).join(", ")}`,
      fix: "lower a limit with `override`, provide a resource from outside, or take a larger host",
      at: node.at,
    };
  },
};

export const memoryFileSystems: Rule = {
  name: "memory-file-systems",
  severity: "error",
  why: "files in memory count as the container's own: when they fill up, the kernel kills the program instead of telling it",
  *check({ services }) {
    for (const service of services.values()) {
      const { tmpfs, sharedMemory, resources } = service.node;
      const sum = Object.values(tmpfs).reduce((total, { bytes }) => total + bytes, sharedMemory?.bytes ?? 0);
      if (sum < resources.memory.bytes) continue;
      yield {
        subject: `${service.name} tmpfs`,
        message: `"${service.name}" may keep ${mebibytes(sum)} of files in memory, and may use ${mebibytes(resources.memory.bytes)} in all`,
        fix: "make `tmpfs` and `sharedMemory` smaller, or the limit larger",
        at: declaredAt(service, "resources"),
      };
    }
  },
};
