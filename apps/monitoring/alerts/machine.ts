/** The host, its disks, and the containers on it. */
import { cadvisor, containers, node } from "../catalogue/machine.ts";
import { above, below, both, dividedBy, either, equals, increase, maxBy, minBy, minus, plus, predict, select, sumBy } from "../expression/expression.ts";
import type { Watched } from "../watched/watched.ts";
import { everywhere, type Definition } from "./definition.ts";
import { inWords, thresholds } from "./threshold.ts";

const m = node.metrics;

/** What holds data: memory and overlays fill up with their host. */
const real = { fstype: { matchesNot: "tmpfs|ramfs|overlay|squashfs|fuse.*|nsfs|rootfs" } } as const;
const writable = equals(select(m.node_filesystem_readonly, real), 0);
const available = select(m.node_filesystem_avail_bytes, real);
const size = select(m.node_filesystem_size_bytes, real);
const used = minus(size, select(m.node_filesystem_free_bytes, real));

/** Bind mounts show one device many times: each counts once. */
const perDevice = ["device", "instance"] as const;

const diskCommands: Definition["commands"] = () => ["df --human-readable --output=source,pcent,avail,target", "docker system df --verbose", "sudo du --summarize --human-readable /var/lib/docker/* | sort --human-numeric-sort | tail"];
const containerCommands: Definition["commands"] = ({ environment, service }) => [
  `docker inspect --format "{{.RestartCount}} {{json .State}}" jlam-${environment}-${service}-1`,
  `./jlam logs ${environment} ${service} --since 15m`,
  `docker stats --no-stream jlam-${environment}-${service}-1`,
];
const running = ({ parts }: Watched): readonly string[] => parts.filter(({ kind }) => kind === "service").map(({ name }) => name);

export const machine: readonly Definition[] = [
  {
    name: "HostMemoryLow",
    severity: "P1",
    category: "machine",
    threshold: thresholds.memoryFree,
    for: "2m",
    summary: `less than ${inWords(thresholds.memoryFree)} of the host's memory is left`,
    meaning: "Soon the kernel kills a program to get some, and not the one that is to blame. The limits of all containers fit into the host, so something outside them grows.",
    commands: () => ["free --human", "ps aux --sort=-rss | head -15", "docker stats --no-stream"],
    over: "the share of available memory rises above the line",
    dashboard: "system-health",
    provoke: { how: "unproven", because: "it would take the machine that runs the tests with it" },
    when: everywhere(below(dividedBy(select(m.node_memory_MemAvailable_bytes), select(m.node_memory_MemTotal_bytes)), thresholds.memoryFree.value)),
  },
  {
    name: "DiskAlmostFull",
    severity: "P1",
    category: "machine",
    threshold: thresholds.diskFree,
    overrules: ["DiskFillingUp", "DiskFullSoon"],
    for: "5m",
    summary: `less than ${inWords(thresholds.diskFree)} of {{ $labels.device }} is free`,
    meaning: "Databases stop at a full disk, and logs are lost. Old images and build caches may go; a rollback's image and volumes may not.",
    commands: diskCommands,
    over: "the free share rises above the line",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a small disk of the host is filled" },
    when: everywhere(below(minBy(perDevice, dividedBy(both(available, writable), size)), thresholds.diskFree.value)),
  },
  {
    name: "DiskFillingUp",
    severity: "P2",
    category: "machine",
    threshold: thresholds.diskUsed,
    for: "10m",
    summary: `more than ${inWords(thresholds.diskUsed)} of {{ $labels.device }} is used`,
    meaning: "The same share that `df` shows. There is time to clean up or to order a larger disk.",
    commands: diskCommands,
    over: "the used share falls below the line",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a small disk of the host is filled" },
    when: everywhere(above(maxBy(perDevice, dividedBy(both(used, writable), plus(used, available))), thresholds.diskUsed.value)),
  },
  {
    name: "DiskFullSoon",
    severity: "P2",
    category: "machine",
    threshold: thresholds.diskHorizon,
    for: "30m",
    summary: `{{ $labels.device }} is full within ${inWords(thresholds.diskHorizon)} if it goes on like this`,
    meaning: "Something writes much more than usual: a log, a dump that isn't cleaned up, a table.",
    commands: diskCommands,
    over: "what grew has stopped growing",
    dashboard: "system-health",
    provoke: { how: "unproven", because: "it follows an hour of growth" },
    when: everywhere(
      both(below(minBy(perDevice, predict(available, "1h", thresholds.diskHorizon.value)), 0), above(maxBy(perDevice, dividedBy(used, plus(used, available))), 0.5)),
    ),
  },
  {
    name: "InodesRunningOut",
    severity: "P2",
    category: "machine",
    threshold: thresholds.inodesFree,
    for: "10m",
    summary: `less than ${inWords(thresholds.inodesFree)} of the files that {{ $labels.device }} can hold are left`,
    meaning: "A disk with room can still be unable to make a file. Usually a folder with millions of small ones.",
    commands: () => ["df --inodes", "docker system df --verbose", "sudo du --inodes --summarize /var/lib/docker/* | sort --numeric-sort | tail"],
    over: "the free share rises above the line",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a small disk of the host gets as many files as it can hold" },
    when: everywhere(
      below(minBy(perDevice, dividedBy(select(m.node_filesystem_files_free, real), above(select(m.node_filesystem_files, real), 0))), thresholds.inodesFree.value),
    ),
  },
  {
    name: "FilesystemReadOnly",
    severity: "P1",
    category: "machine",
    for: "1m",
    summary: "{{ $labels.mountpoint }} can only be read",
    meaning: "The kernel found an error on the disk and protects what is there. Nothing is saved any more.",
    commands: () => ["mount | grep --word-regexp ro", "sudo dmesg --ctime | tail -50", "docker ps --all"],
    over: "the disk was checked and is mounted for writing again",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a small disk of the host is mounted for reading only" },
    when: everywhere(
      equals(select(m.node_filesystem_readonly, { fstype: { matches: "ext4|xfs|btrfs" }, mountpoint: { matches: "/|/var.*|/data.*" } }), 1),
    ),
  },
  {
    name: "ClockOff",
    severity: "P2",
    category: "machine",
    threshold: thresholds.clockOffset,
    for: "10m",
    summary: `the host's clock is more than ${inWords(thresholds.clockOffset)} off`,
    meaning: "Sign-ins fail when the clocks of proxy and identity provider differ from those of people's phones, and certificates are judged by it.",
    commands: () => ["timedatectl", "chronyc tracking", "date --utc"],
    over: "the offset is below the line",
    dashboard: "system-health",
    provoke: { how: "unproven", because: "containers share the machine's clock" },
    when: everywhere(either(above(select(m.node_timex_offset_seconds), thresholds.clockOffset.value), below(select(m.node_timex_offset_seconds), -thresholds.clockOffset.value))),
  },
  {
    name: "RestartLoop",
    severity: "P1",
    category: "machine",
    threshold: thresholds.restarts,
    overrules: ["RestartsOften", "ServiceUnreachable", "TargetDown"],
    for: "0s",
    summary: `{{ $labels.service }} was restarted more than ${inWords(thresholds.restarts)} times in five minutes`,
    meaning: "It starts, fails and is started again. What it says last, before it ends, is the reason: usually a setting, a secret, or a database that it can't reach.",
    commands: containerCommands,
    over: "the container is up and healthy for five minutes",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a service ends eight times within two minutes" },
    about: running,
    when: everywhere(above(increase(select(containers.metrics.container_restarts_total), "5m"), thresholds.restarts.value)),
  },
  {
    name: "RestartsOften",
    severity: "P2",
    category: "machine",
    threshold: thresholds.restartsPerHour,
    for: "0s",
    summary: `{{ $labels.service }} was restarted more than ${inWords(thresholds.restartsPerHour)} times within the hour`,
    meaning: "Slower than a loop, since Docker waits longer each time, but it doesn't stay up.",
    commands: containerCommands,
    over: "an hour without a restart",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a service ends eight times within two minutes; once RestartLoop is over this one tells" },
    about: running,
    when: everywhere(above(increase(select(containers.metrics.container_restarts_total), "1h"), thresholds.restartsPerHour.value)),
  },
  {
    name: "ContainerMemoryNearLimit",
    severity: "P2",
    category: "machine",
    threshold: thresholds.containerMemory,
    for: "10m",
    summary: `{{ $labels.service }} uses more than ${inWords(thresholds.containerMemory)} of the memory that it may`,
    meaning: "At its limit the kernel kills it. Either it leaks, or its limit in the model is too small for the traffic.",
    commands: containerCommands,
    over: "the share falls below the line",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a program takes 95 % of its limit of memory" },
    about: running,
    when: everywhere(
      above(
        dividedBy(
          sumBy(["service"], select(containers.metrics.container_memory_usage_total_bytes)),
          sumBy(["service"], above(select(containers.metrics.container_memory_usage_limit_bytes), 0)),
        ),
        thresholds.containerMemory.value,
      ),
    ),
  },
  {
    name: "ContainerKilledForMemory",
    severity: "P2",
    category: "machine",
    for: "0s",
    summary: "the kernel killed a program in {{ $labels.name }} because it used too much memory",
    meaning: "It asked for more than its limit. Unless somebody just changed its limit, it leaks or met an unusually large request.",
    commands: containerCommands,
    over: "ten minutes without another",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a program takes more than its limit of memory" },
    about: running,
    when: everywhere(above(increase(select(cadvisor.metrics.container_oom_events_total, { name: { not: "" } }), "10m"), 0)),
  },
  {
    name: "ContainerUnhealthy",
    severity: "P2",
    category: "machine",
    for: "2m",
    summary: "{{ $labels.name }} says itself that it isn't well",
    meaning: "Its own health check fails, so the proxy sends it nothing.",
    commands: containerCommands,
    over: "`./jlam status` calls it healthy",
    dashboard: "system-health",
    provoke: { how: "fault", fault: "a service's health check fails" },
    about: running,
    when: everywhere(equals(select(cadvisor.metrics.container_health_state, { name: { not: "" } }), 0)),
  },
];
