/** Faults of containers, of the host's disks, and of the monitoring itself. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { crash, takeMemory, tell } from "../acting.ts";
import { mountPoint, smallDisks } from "../disks.ts";
import type { Expected, Provocation } from "../ledger.ts";
import type { Platform } from "../platform.ts";
import { after, changed, outOfWindow, stopped } from "./making.ts";

/** RestartsOften keeps silent while the loop is told of; that one ends first. */
const crashLoop: Provocation = {
  how: "end eight times within two minutes",
  needs: ["otel-collector"],
  expected: [
    { alert: "RestartLoop", service: "crasher", within: 150, overWithin: outOfWindow },
    { alert: "RestartsOften", service: "crasher", within: outOfWindow },
  ],
  provoke: async (platform) => await crash(platform, "crasher", 8),
};

const nearlyFull: Provocation = {
  how: "take memory until Docker counts 95 % of the limit",
  needs: ["otel-collector"],
  expected: [{ alert: "ContainerMemoryNearLimit", service: "large", within: after(630), overWithin: 120 }],
  provoke: async (platform) => await takeMemory(platform, "large", 0.95),
  relieve: async (platform) => void (await platform.docker("restart", platform.container("large"))),
};

const killed: Provocation = {
  how: "take 200 MB of 96",
  needs: ["cadvisor"],
  expected: [{ alert: "ContainerKilledForMemory", within: after(30) }],
  provoke: async (platform) => await tell(platform, "large", { take: 200_000_000 }),
};

const unhealthy: Provocation = {
  how: "a health check that fails",
  needs: ["cadvisor"],
  expected: [{ alert: "ContainerUnhealthy", within: after(240), overWithin: 120 }],
  provoke: async (platform) => await tell(platform, "ailing", { sick: true }),
  relieve: async (platform) => await tell(platform, "ailing", { sick: false }),
};

const remount = async (how: "ro" | "rw"): Promise<void> => void (await execa("mount", ["-o", `remount,${how}`, mountPoint]));

const readOnly: Provocation = {
  how: "mount a disk for reading only",
  needs: [smallDisks],
  expected: [{ alert: "FilesystemReadOnly", within: after(75), overWithin: 90 }],
  provoke: async () => await remount("ro"),
  relieve: async () => await remount("rw"),
};

/** More files than it can hold, and then more bytes. */
function fillDisk(): void {
  for (let count = 0; fits(() => writeFileSync(join(mountPoint, `file-${count}`), "")); count += 1);
  for (let kilobytes = 4096; kilobytes > 0; kilobytes = Math.floor(kilobytes / 2)) {
    while (fits(() => writeFileSync(join(mountPoint, "file-0"), Buffer.alloc(kilobytes * 1024), { flag: "a" })));
  }
}

function fits(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") return false;
    throw error;
  }
}

const fullDisk: Provocation = {
  how: "fill a disk, with files and with bytes",
  needs: [smallDisks],
  expected: [
    { alert: "DiskAlmostFull", within: after(330), overWithin: 90 },
    { alert: "DiskFillingUp", within: after(630), overWithin: 90 },
    { alert: "InodesRunningOut", within: after(630), overWithin: 90 },
  ],
  provoke: async () => await Promise.resolve(fillDisk()),
  relieve: async () => {
    for (let count = 0; existsSync(join(mountPoint, `file-${count}`)); count += 1) rmSync(join(mountPoint, `file-${count}`));
    await Promise.resolve();
  },
};

const configuration = "files/prometheus/etc/prometheus/prometheus.yml";
const rules = "files/prometheus/etc/prometheus/rules.yml";
const figures = "files/node-exporter/textfiles/costs.prom";

/** What Prometheus reads is changed for a while. */
const configured = (how: string, path: string, change: (text: string) => string, expected: readonly Expected[]): Provocation =>
  changed(how, path, change, expected, async (platform: Platform) => void (await platform.docker("kill", "--signal=HUP", platform.container("prometheus"))));

/** Without the jobs of these names. */
const withoutJobs = (text: string, names: readonly string[]): string =>
  text
    .split(/^(?= {2}- job_name: )/m)
    .filter((part) => !names.some((name) => part.startsWith(`  - job_name: ${name}\n`)))
    .join("");

/** `up` has many series on both sides: Prometheus refuses to guess which belong together. */
const failingGroup = "  - name: failing\n    interval: 10s\n    rules:\n      - record: failing\n        expr: up * on () up\n";

export const machine: readonly (readonly Provocation[])[] = [
  [crashLoop],
  [nearlyFull, killed],
  [unhealthy],
  [readOnly, fullDisk],
];

/** Those that change Prometheus' one configuration follow each other. */
export const monitoring: readonly (readonly Provocation[])[] = [
  [
    configured("a configuration that can't be read", configuration, (text) => `${text}\nnonsense: true\n`, [{ alert: "ConfigurationRefused", within: after(150), overWithin: 90 }]),
    configured("a configuration without Alertmanager's job", configuration, (text) => withoutJobs(text, ["alertmanager"]), [{ alert: "AlertmanagerMissing", service: "alertmanager", within: after(150), overWithin: 90 }]),
    configured("a configuration without two exporters", configuration, (text) => withoutJobs(text, ["postgres-books-exporter", "redis-carts-exporter"]), [
      { alert: "DatabaseUnwatched", service: "postgres-books", within: after(440), overWithin: 90 },
      { alert: "TargetMissing", service: "redis-carts", within: after(620), overWithin: 90 },
      { alert: "TargetsTooFew", within: after(620), overWithin: 90 },
    ]),
  ],
  [configured("a rule that joins many with many", rules, (text) => `${text}${failingGroup}`, [{ alert: "RulesFailing", within: after(360), overWithin: outOfWindow }])],
  [
    changed("a file of figures that isn't one", figures, () => "this is no figure\n", [{ alert: "TextfileUnreadable", within: after(330), overWithin: 90 }]),
    changed("a file of figures with a newer version", figures, (text) => `${text}image_update_available{image="redis",current="8.0.2",newest="8.2.1"} 1\n`, [{ alert: "UpdateAvailable", within: after(330), overWithin: 90 }]),
  ],
  [stopped("loki", [{ alert: "TargetDown", service: "loki", within: after(150), overWithin: 120 }, { alert: "LogsNotDelivered", within: after(450), overWithin: outOfWindow }])],
  [stopped("mail-outgoing", [{ alert: "NotificationsFailing", within: after(420), overWithin: outOfWindow }])],
];
