/** Faults of the host: full disks, a wrong clock, a taken port, an engine that is restarted, a database that is down. */
import { at, deployed, doorClosed, onHost, type Fault, type Scene } from "./fault.ts";

/** Fills a folder of the host, but for what is said in MiB. */
const fill = (scene: Scene, folder: string, left: number): void =>
  onHost(scene, `fallocate -l $(($(df --output=avail -B1 ${folder} | tail -1) - ${left * 1024 ** 2})) ${folder}/full && df --output=avail -B1 ${folder}`);
const empty = (scene: Scene, folder: string): void => onHost(scene, `rm -f ${folder}/full`);
const releases = "/srv";
const images = "/var/lib/docker";

/** Fills a disk while a version is brought. */
const whileFull = (folder: string, left: number, when: { readonly after: "services" | "preflight" } | "before") => async (scene: Scene) => {
  try {
    if (when === "before") {
      fill(scene, folder, left);
      return await deployed(scene);
    }
    return await deployed(scene, { manner: at(when.after, "ended", () => fill(scene, folder, left)) });
  } finally {
    empty(scene, folder);
  }
};

export const hostFaults: readonly Fault[] = [
  { name: "the disk of releases is nearly full before anything begins", bring: whileFull(releases, 4, "before"), ends: "reverted", says: /Because of preflight: .* 4 MiB left for releases; 32 MiB are needed/, serves: "old" },
  { name: "the disk of releases is full when the release comes", bring: whileFull(releases, 0, { after: "preflight" }), ends: "threw", says: /the disk is full: the journal was not written/, serves: "old" },
  { name: "the disk of the journal is full in the middle", bring: whileFull(releases, 0, { after: "services" }), ends: "threw", says: /the disk is full: the journal was not written/, serves: "old", next: "another" },
  { name: "the disk of images is nearly full before anything begins", bring: whileFull(images, 500, "before"), ends: "reverted", says: /Because of preflight: .* (499|500) MiB left for images; 1024 MiB are needed/, serves: "old" },
  { name: "the disk of images is full when they come", bring: whileFull(images, 0, { after: "preflight" }), ends: "reverted", says: /Because of pull: .*no space left on device/s, serves: "old" },
  {
    name: "the host's clock is an hour fast",
    async bring(scene) {
      const { folder } = scene.host.machine;
      // Only what asks `date +%s` sees the other time, as host.sh does: the machine's own clock is everybody's.
      onHost(scene, `cp /bin/date ${folder}/date && printf '#!/bin/sh\\ncase "$*" in +%%s) echo $(($(${folder}/date +%%s) + 3600)) ;; *) exec ${folder}/date "$@" ;; esac\\n' > ${folder}/fast && chmod +x ${folder}/fast && mount --bind ${folder}/fast /bin/date`);
      return await deployed(scene).finally(() => onHost(scene, "umount /bin/date"));
    },
    ends: "reverted",
    says: /Because of preflight: The clocks of .* differ by 3[56]\d\d s/,
    serves: "old",
  },
  {
    name: "a port that the new release publishes is taken",
    async bring(scene) {
      const { machine } = scene.host;
      onHost(scene, `nohup ${process.execPath} -e 'require("node:net").createServer().listen(${otherPort})' >/dev/null 2>&1 & echo $! > ${machine.folder}/taker; sleep 0.5`);
      return await deployed(scene, { changes: { http: otherPort } }).finally(() => onHost(scene, `kill $(cat ${machine.folder}/taker)`));
    },
    ends: "reverted",
    says: /Because of services: .*(address already in use|port is already allocated)/s,
    serves: "old",
    // The proxy can't run twice, so a release that makes it anew interrupts; its plan says so, and must be accepted.
    visitors: doorClosed,
  },
  {
    name: "the database is down when the migration comes",
    bring: (scene) => deployed(scene, { manner: at("services", "ended", () => onHost(scene, "docker stop jlam-bed-redis-orders-1 >/dev/null")) }),
    ends: "reverted",
    says: /Because of migrate: .*(ENOTFOUND|ECONNREFUSED|EAI_AGAIN|timeout|EHOSTUNREACH)/is,
    serves: "old",
    visitors: /^order: (status 503|UND_ERR_HEADERS_TIMEOUT)$/,
  },
  {
    name: "Docker is restarted while the new version starts",
    async bring(scene) {
      const { machine } = scene.host;
      const before = (await machine.run("cat", ["/run/docker.pid"])).trim();
      let again: Promise<void> | undefined;
      const outcome = await deployed(scene, {
        manner: at("healthy", "began", () => {
          onHost(scene, `kill ${before}; while kill -0 ${before} 2>/dev/null; do sleep 0.05; done`);
          again = machine.startEngine();
        }),
      });
      await again;
      const now = (await machine.run("cat", ["/run/docker.pid"])).trim();
      return { ...outcome, told: `${outcome.told}\n${now === before ? "the engine is the same" : "the engine is another process"}` };
    },
    ends: "finished",
    says: /the engine is another process/,
    serves: "new",
    // Containers outlive their engine, but it is the engine that answers for their names: until it is back, the proxy
    // reaches the application by the connections that it has, and by no new one. The port is published anew as well.
    visitors: /: (stream: )?(status 502|ECONNREFUSED)$/,
  },
];

/** A port that nobody but one release publishes. */
const otherPort = 8088;
