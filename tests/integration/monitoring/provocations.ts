/** Every fault that the tests make. Those of one sequence follow each other; the sequences run side by side. */
import { setTimeout as sleep } from "node:timers/promises";
import { crash, tell, visits } from "./acting.ts";
import type { Expected, Provocation } from "./ledger.ts";
import type { Platform } from "./platform.ts";

const hour = 3600;

/** Seconds that `for:` lasts, and then some: a scrape, an evaluation and the webhook on a busy machine. */
const after = (seconds: number): number => seconds + 75;

/** Five minutes in which the fault is still in a rate's window, and then some. */
const outOfWindow = 480;

const stopped = (what: string, expected: readonly Expected[]): Provocation => ({
  how: `stop ${what}`,
  needs: what,
  expected,
  provoke: async (platform) => void (await platform.docker("stop", platform.container(what))),
  relieve: async (platform) => void (await platform.docker("start", platform.container(what))),
});

const asking = (how: string, host: string, path: string, perSecond: number, expected: readonly Expected[]): Provocation => {
  let stop = (): void => undefined;
  return {
    how,
    expected,
    provoke: async (platform) => await Promise.resolve(void (stop = visits(platform, host, path, perSecond))),
    relieve: async () => await Promise.resolve(stop()),
  };
};

const websiteDown = stopped("victim", [{ alert: "WebsiteDown", service: "victim", within: 90, overWithin: 90 }]);

const databaseUnreachable: Provocation = {
  how: "pause postgres-books",
  expected: [{ alert: "DatabaseUnreachable", service: "postgres-books", within: 90, overWithin: 90 }],
  provoke: async (platform) => void (await platform.docker("pause", platform.container("postgres-books"))),
  relieve: async (platform) => void (await platform.docker("unpause", platform.container("postgres-books"))),
};

const slowPage: Provocation = (() => {
  let stop = (): void => undefined;
  return {
    how: "a page takes 2.5 s",
    expected: [{ alert: "SlowResponses", service: "victim", within: after(420), overWithin: outOfWindow }],
    provoke: async (platform) => {
      await tell(platform, "victim", { delay: 2500 });
      stop = visits(platform, "victim", "/", 0.5);
    },
    relieve: async (platform) => {
      stop();
      await tell(platform, "victim", { delay: 0 });
    },
  };
})();

const slowProbe: Provocation = {
  how: "a page takes 2.5 s, with few visitors",
  expected: [{ alert: "ProbeSlow", service: "slow", within: after(600), overWithin: 90 }],
  provoke: async (platform) => await tell(platform, "slow", { delay: 2500 }),
  relieve: async (platform) => await tell(platform, "slow", { delay: 0 }),
};

const halfDead: Provocation = {
  how: "the health page hangs up while pages are served",
  expected: [{ alert: "ServiceUnreachable", service: "half", within: after(60), overWithin: 120 }],
  provoke: async (platform) => await tell(platform, "half", { sick: true }),
  relieve: async (platform) => await tell(platform, "half", { sick: false }),
};

const openWall: Provocation = {
  how: "the identity provider lets everybody in",
  expected: [{ alert: "WallOpen", service: "walled", within: after(60), overWithin: 90 }],
  provoke: async (platform) => await tell(platform, "auth", { status: 200 }),
  relieve: async (platform) => await tell(platform, "auth", { status: 401 }),
};

/** A table of some 60 MB, which is more than an empty database is. */
const fill = "create table ballast as select repeat(md5(n::text), 30) as line from generate_series(1, 60000) n; checkpoint;";
const sql = async (platform: Platform, text: string): Promise<void> =>
  void (await platform.docker("exec", platform.container("postgres-books"), "psql", "--username=postgres", "--dbname=books", "--quiet", `--command=${text}`));

const lostRows: Provocation = {
  how: "drop a large table",
  expected: [{ alert: "DataLossSuspected", service: "postgres-books", within: 90, overWithin: 120 }],
  provoke: async (platform) => {
    await sql(platform, fill);
    // Until the exporter has told of it: what nobody saw nobody misses.
    await sleep(40_000);
    await sql(platform, "drop table ballast");
  },
  relieve: async (platform) => await sql(platform, fill),
};

const crashLoop: Provocation = {
  how: "crash six times in a minute",
  needs: "otel-collector",
  expected: [{ alert: "RestartLoop", service: "crasher", within: 150, overWithin: outOfWindow }],
  provoke: async (platform) => await crash(platform, "crasher", 6),
  relieve: async () => await Promise.resolve(),
};

const ago = (hours: number): string => String(Math.round(Date.now() / 1000 - hours * hour));

const staleBackups: Provocation = {
  how: "a set of 26 h, verified 50 h ago, copied 28 h ago, a drill of 700 s, changes ten minutes late",
  expected: [
    { alert: "BackupTooOld", within: after(330), overWithin: 90 },
    { alert: "BackupUnverified", within: after(330), overWithin: 90 },
    { alert: "BackupNotCopied", within: after(330), overWithin: 90 },
    { alert: "RecoveryTooSlow", within: after(30), overWithin: 90 },
    { alert: "ChangesNotArchived", within: after(330), overWithin: 90 },
  ],
  provoke: async (platform) =>
    await tell(platform, "backup", {
      metrics: `backup_last_success_timestamp_seconds{resource="postgres-books"} ${ago(26)}\nbackup_last_verified_timestamp_seconds{resource="postgres-books"} ${ago(50)}\nbackup_last_copied_timestamp_seconds{resource="postgres-books"} ${ago(28)}\nbackup_drill_recovery_seconds 700\nbackup_changes_late_seconds{resource="postgres-books"} 600\n`,
    }),
  relieve: async (platform) =>
    await tell(platform, "backup", {
      metrics: `backup_last_success_timestamp_seconds{resource="postgres-books"} ${ago(1)}\nbackup_last_verified_timestamp_seconds{resource="postgres-books"} ${ago(1)}\nbackup_last_copied_timestamp_seconds{resource="postgres-books"} ${ago(1)}\nbackup_drill_recovery_seconds 70\nbackup_changes_late_seconds{resource="postgres-books"} 0\n`,
    }),
};

const certificate = (alert: string, days: number): Provocation => ({
  how: `serve a certificate that ends in ${days} days`,
  expected: [{ alert, service: "shop", within: after(330), overWithin: 90 }],
  provoke: async (platform) => await platform.certificateWith(days),
  relieve: async (platform) => await platform.certificateWith(80),
});

const configuration = "files/prometheus/etc/prometheus/prometheus.yml";
const rules = "files/prometheus/etc/prometheus/rules.yml";

/** What Prometheus reads is changed for a while. */
function configured(how: string, path: string, change: (text: string) => string, expected: readonly Expected[]): Provocation {
  let before = "";
  const reload = async (platform: Platform): Promise<void> => void (await platform.docker("kill", "--signal=HUP", platform.container("prometheus")));
  return {
    how,
    expected,
    provoke: async (platform) => {
      const file = platform.emitted(path);
      before = file.read();
      file.write(change(before));
      await reload(platform);
    },
    relieve: async (platform) => {
      platform.emitted(path).write(before);
      await reload(platform);
    },
  };
}

/** Without the jobs of these names. */
const withoutJobs = (text: string, names: readonly string[]): string =>
  text
    .split(/^(?= {2}- job_name: )/m)
    .filter((part) => !names.some((name) => part.startsWith(`  - job_name: ${name}\n`)))
    .join("");

/** `up` has many series on both sides: Prometheus refuses to guess which belong together. */
const failingGroup = "  - name: failing\n    interval: 10s\n    rules:\n      - record: failing\n        expr: up * on () up\n";

/** The two that must page within 90 s, in every run. */
export const quick: readonly (readonly Provocation[])[] = [[websiteDown], [databaseUnreachable]];

/** All others, in some eighteen minutes; the last sequence blinds the probes, so it comes when the others are through. */
export const long: readonly (readonly Provocation[])[] = [
  [slowPage],
  [slowProbe],
  [halfDead, stopped("half", [{ alert: "OutageBeyondTarget", service: "half", within: after(600), overWithin: 90 }])],
  [openWall],
  [asking("answers 500 twice a second", "faulty", "/fail", 2, [{ alert: "ErrorRateHigh", service: "faulty", within: after(360), overWithin: outOfWindow }])],
  [asking("answers 500 twice a second, where better was promised (over only when half an hour has forgotten it)", "@", "/fail", 2, [{ alert: "BudgetBurnsFast", service: "shop", within: 240 }])],
  [asking("refuse three requests a second", "slow", "/refuse", 3, [{ alert: "RefusalsMany", service: "slow", within: after(720), overWithin: outOfWindow }])],
  [
    stopped("redis-carts", [{ alert: "CacheUnreachable", service: "redis-carts", within: 90, overWithin: 90 }]),
    configured("a configuration that can't be read", configuration, (text) => `${text}\nnonsense: true\n`, [{ alert: "ConfigurationRefused", within: after(150), overWithin: 90 }]),
    configured("a configuration without two exporters", configuration, (text) => withoutJobs(text, ["postgres-books-exporter", "redis-carts-exporter"]), [
      { alert: "DatabaseUnwatched", service: "postgres-books", within: after(440), overWithin: 90 },
      { alert: "TargetMissing", service: "redis-carts", within: after(620), overWithin: 90 },
      { alert: "TargetsTooFew", within: after(620), overWithin: 90 },
    ]),
  ],
  [lostRows],
  [configured("a rule that joins many with many", rules, (text) => `${text}${failingGroup}`, [{ alert: "RulesFailing", within: after(360), overWithin: outOfWindow }])],
  [crashLoop],
  [staleBackups],
  [certificate("CertificateEndsSoon", 5), certificate("CertificateEndsNow", 2)],
  [stopped("loki", [{ alert: "TargetDown", service: "loki", within: after(150), overWithin: 120 }])],
  [stopped("mail-outgoing", [{ alert: "NotificationsFailing", within: after(420), overWithin: outOfWindow }])],
];

export const last: Provocation = stopped("blackbox-exporter", [{ alert: "ProbeMissing", service: "shop", within: after(120 + 300), overWithin: 120 }]);
