/** What can go wrong in a release, how it is made to, and what must come of it: a table, one line for each fault. */
import { execa } from "execa";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Step } from "../../tools/jlam/src/release/journal/entry.ts";
import { steps } from "../../tools/jlam/src/release/journal/entry.ts";
import type { Delivery, Manner } from "../../tools/jlam/src/release/machine/deploy.ts";
import { environmentName, shortWatch, type ReleaseHost, type Told, type Workshop } from "./bed/bed.ts";
import type { Mode } from "./bed/images.ts";
import type { DeployerOrder } from "./programs/deployer.ts";

/** What a deploy came to: how it ended, or the error that it threw. */
export interface Ended {
  readonly end: "finished" | "reverted" | "held" | "threw" | "killed";
  /** The words that say why, for people. */
  readonly why: string;
}

/** A host on which the old version serves, while a new one is brought with a fault. */
export interface Scene {
  readonly workshop: Workshop;
  readonly host: ReleaseHost;
  /** Number of the version that is brought. */
  readonly version: number;
}

export interface Fault {
  readonly name: string;
  /** Brings the version while the fault is there, and takes the fault away. */
  readonly bring: (scene: Scene) => Promise<Ended>;
  readonly ends: Ended["end"];
  /** In the words of the outcome: what shows that the fault bit. */
  readonly says: RegExp;
  /** What serves right after it. */
  readonly serves: "old" | "new";
  /** Failures that visitors may see, since the fault itself makes them; none unless said. */
  readonly visitors?: RegExp;
}

const ended = ({ result }: Told): Ended => ({ end: result.end, why: result.reasons.map(({ step, why }) => `${step}: ${why}`).join("\n") });

/** A deploy as it ends, whatever it throws. */
async function outcomeOf(run: () => Promise<Told>): Promise<Ended> {
  try {
    return ended(await run());
  } catch (error) {
    return { end: "threw", why: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

const deployed = async ({ workshop, host, version }: Scene, { mode = "good", manner = {}, change = (delivery: Delivery) => delivery, p95 }: { readonly mode?: Mode; readonly manner?: Partial<Manner>; readonly change?: (delivery: Delivery) => Delivery; readonly p95?: `${number}ms` } = {}): Promise<Ended> => {
  const delivery = change(await workshop.delivery(version, mode, p95 === undefined ? {} : { p95 }));
  return await outcomeOf(() => host.deploy(delivery, manner));
};

/** A fault that comes at a moment of the deploy. `come` is waited for before the step goes on. */
const at = (step: Step, when: "began" | "ended", come: () => void): Partial<Manner> => ({
  witness: {
    began: (now) => (now === step && when === "began" ? come() : undefined),
    at: () => undefined,
    ended: (now) => (now === step && when === "ended" ? come() : undefined),
  },
});

/** Does something on the host at once, before the deployer does anything else. */
const onHost = ({ host }: Scene, script: string): void => host.machine.runNow("sh", ["-c", script]);

/** A deployer of its own process, which is killed. */
async function killed({ workshop, host, version }: Scene, step: Step, when: "began" | "ended"): Promise<Ended> {
  const { files, secrets, planned: _, ...delivery } = await workshop.delivery(version);
  const order: DeployerOrder = { environment: environmentName, destination: host.machine.destination, delivery, files: [...files], secrets: [...secrets], watch: shortWatch, dies: { step, when } };
  const path = join(host.machine.folder, "order.json");
  writeFileSync(path, JSON.stringify(order), { mode: 0o600 });
  const { signal, all } = await execa(process.execPath, [join(import.meta.dirname, "programs", "deployer.ts"), path], { reject: false, all: true, timeout: 300_000 });
  return { end: signal === "SIGKILL" ? "killed" : "threw", why: `${step} ${when} ${signal ?? ""} ${all}` };
}

const badImage = (name: string, mode: Mode, says: RegExp, more: Partial<Fault> = {}): Fault => ({ name, bring: (scene) => deployed(scene, { mode }), ends: "reverted", says, serves: "old", ...more });

const killable = steps.filter((step) => !["begin", "lock", "switch-back", "revert"].includes(step));
const afterSwitch: readonly Step[] = ["confirm", "drain", "watch", "finish"];

/** The deployer is killed when a step has begun, and when it is done and nobody has noted it. */
const kills: readonly Fault[] = killable.flatMap((step) =>
  (["began", "ended"] as const).map((when): Fault => ({
    name: `the deployer is killed with -9 when ${step} ${when === "began" ? "has begun" : "is done"}`,
    bring: (scene) => killed(scene, step, when),
    ends: "killed",
    says: new RegExp(`${step} ${when} SIGKILL`),
    serves: afterSwitch.includes(step) || (step === "switch" && when === "ended") ? "new" : "old",
  })),
);

export const faults: readonly Fault[] = [
  badImage("the new image crashes", "crash", /healthy: app-(blue|green): it ends again and again|healthy: app-(blue|green): it ended with 1/),
  badImage("the new image never becomes healthy", "unhealthy", /healthy: app-(blue|green): (its health check fails|not healthy within)/),
  badImage("the new image uses more memory than it may", "hungry", /the kernel ended it|used more memory|ends again and again|it ended/),
  badImage("the migration fails", "bad-migration", /migrate: .*column does not exist/s),
  badImage("the new image starts slowly, and is waited for", "slow-start", /^$/, { ends: "finished", serves: "new" }),
  badImage("the new image is healthy, and fails after a while", "fails-later", /watch: \d+ of \d+ requests failed/, { visitors: /status 500|events: stream|socket/ }),
  badImage("the new image is slow", "slow", /watch: 95 % of requests took/, { bring: (scene) => deployed(scene, { mode: "slow", p95: "500ms" }) }),
  {
    name: "the release names a digest that the registry doesn't have",
    bring: (scene) => deployed(scene, { change: (delivery) => withOtherDigest(delivery) }),
    ends: "reverted",
    says: /pull: .*could not be pulled/s,
    serves: "old",
  },
  {
    name: "the registry is down",
    bring: async (scene) => {
      await scene.workshop.delivery(scene.version);
      await scene.workshop.registry.stop();
      return await deployed(scene).finally(() => scene.workshop.registry.start());
    },
    ends: "reverted",
    says: /pull: .*could not be pulled/s,
    serves: "old",
  },
  {
    name: "the disk is full on the journal",
    bring: (scene) =>
      deployed(scene, { manner: at("services", "ended", () => onHost(scene, "dd if=/dev/zero of=/srv/full bs=64k 2>/dev/null; true")) }).finally(() => onHost(scene, "rm -f /srv/full")),
    ends: "threw",
    says: /HostFailure: the disk is full: the journal was not written/,
    serves: "old",
  },
  {
    name: "the disk is nearly full before anything begins",
    bring: (scene) => {
      onHost(scene, "dd if=/dev/zero of=/srv/full bs=64k 2>/dev/null; truncate -s -4M /srv/full");
      return deployed(scene).finally(() => onHost(scene, "rm -f /srv/full"));
    },
    ends: "reverted",
    says: /preflight: .* MiB left for releases; 32 MiB are needed/,
    serves: "old",
  },
  {
    name: "the host's clock is wrong",
    bring: async (scene) => {
      // Only what asks `date +%s` sees the other time, as host.sh does.
      onHost(scene, `cp /bin/date ${scene.host.machine.folder}/date && printf '#!/bin/sh\\ncase "$*" in +%%s) echo $(($(${scene.host.machine.folder}/date +%%s) + 3600)) ;; *) exec ${scene.host.machine.folder}/date "$@" ;; esac\\n' > ${scene.host.machine.folder}/late && chmod +x ${scene.host.machine.folder}/late && mount --bind ${scene.host.machine.folder}/late /bin/date`);
      return await deployed(scene).finally(() => onHost(scene, "umount /bin/date; rm -f /srv/jlam/bed/lock"));
    },
    ends: "reverted",
    says: /preflight: The clocks of .* differ by 3[56]\d\d s/,
    serves: "old",
  },
  {
    name: "the SSH connection is cut",
    bring: (scene) => deployed(scene, { manner: at("healthy", "began", () => onHost(scene, cutSsh)) }),
    ends: "finished",
    says: /^$/,
    serves: "new",
  },
  {
    name: "the SSH connection is cut again and again",
    bring: (scene) => deployed(scene, { manner: { witness: { began: (step) => (["pull", "start", "confirm"].includes(step) ? onHost(scene, cutSsh) : undefined), at: () => undefined, ended: () => undefined } } }),
    ends: "finished",
    says: /^$/,
    serves: "new",
  },
  {
    name: "the database is down when the migration comes",
    bring: (scene) => deployed(scene, { manner: at("services", "ended", () => onHost(scene, "docker stop jlam-bed-redis-orders-1 >/dev/null")) }),
    ends: "reverted",
    says: /migrate: .*(ENOTFOUND|ECONNREFUSED|EAI_AGAIN|timeout)/is,
    serves: "old",
    visitors: /order: (status 50\d|.*)/,
  },
  {
    name: "Docker is restarted while the new version starts",
    bring: async (scene) => {
      let again: Promise<void> | undefined;
      const manner = at("healthy", "began", () => {
        onHost(scene, "kill $(cat /run/docker.pid)");
        again = scene.host.machine.startEngine();
      });
      const outcome = await deployed(scene, { manner });
      await again;
      return outcome;
    },
    ends: "finished",
    says: /^$/,
    serves: "new",
  },
  {
    name: "the proxy is killed right after the switch",
    bring: (scene) => deployed(scene, { manner: at("switch", "ended", () => onHost(scene, "kill -9 $(docker inspect --format '{{.State.Pid}}' jlam-bed-traefik-1)")) }),
    ends: "finished",
    says: /^$/,
    serves: "new",
    visitors: /.*/,
  },
  {
    name: "the proxy's API is mute after the switch",
    bring: (scene) => deployed(scene, { manner: at("switch", "ended", () => onHost(scene, `iptables -I OUTPUT -p tcp --dport ${apiPort} -j DROP`)) }).finally(() => onHost(scene, `iptables -D OUTPUT -p tcp --dport ${apiPort} -j DROP`)),
    ends: "held",
    says: /confirm: The proxy did not confirm.*switch-back: The proxy did not confirm/s,
    serves: "old",
  },
  {
    name: "somebody puts a corrupt file into the proxy's directory",
    bring: (scene) => deployed(scene, { manner: at("healthy", "ended", () => onHost(scene, "printf 'http: [\\n' > /srv/jlam/bed/live/files/traefik/etc/traefik/dynamic/broken.yaml")) }),
    ends: "reverted",
    says: /smoke: The proxy did not confirm/,
    serves: "old",
  },
  {
    name: "nobody visits while it is watched",
    bring: (scene) => deployed(scene, { manner: { watch: { ...shortWatch, minimum: 1_000_000 } } }),
    ends: "held",
    says: /watch: \d+ requests are too few to judge by; 1000000 are needed/,
    serves: "new",
  },
  {
    name: "the proxy's metrics are mute while it is watched",
    bring: (scene) => deployed(scene, { manner: at("drain", "ended", () => onHost(scene, "iptables -I OUTPUT -p tcp --dport 8084 -j DROP")) }).finally(() => onHost(scene, "iptables -D OUTPUT -p tcp --dport 8084 -j DROP")),
    ends: "held",
    says: /watch: /,
    serves: "new",
  },
  {
    name: "two deploy at once",
    bring: async (scene) => {
      const first = await scene.workshop.delivery(scene.version);
      let second: Promise<Ended> | undefined;
      const told = await outcomeOf(() => scene.host.deploy(first, at("preflight", "began", () => {
        second = outcomeOf(() => scene.host.deploy(first, { who: "other@example.org" }));
      })));
      const other = await second;
      return { end: told.end, why: other?.why ?? "" };
    },
    ends: "finished",
    says: /^LockTaken: tester@example\.org \(deploy [0-9a-f]{12}\)$/,
    serves: "new",
  },
  {
    name: "an approval is taken back while it runs",
    bring: (scene) => deployed(scene, { manner: { objections: async () => ["approval: the approval of this release was taken back"] } }),
    ends: "reverted",
    says: /switch: approval: the approval of this release was taken back/,
    serves: "old",
  },
  ...kills,
];

/** Where the edge answers the host alone. */
const apiPort = 8085;
const cutSsh = "kill $(pgrep -f 'sshd: root')";

function withOtherDigest(delivery: Delivery): Delivery {
  const other = `docker.io/jlam/app:release@sha256:${"0".repeat(64)}`;
  const { itinerary } = delivery;
  const changed = (image: string): string => (image.startsWith("docker.io/jlam/app:") ? other : image);
  return { ...delivery, itinerary: { ...itinerary, images: itinerary.images.map(changed), variables: Object.fromEntries(Object.entries(itinerary.variables).map(([name, image]) => [name, changed(image)])) } };
}
