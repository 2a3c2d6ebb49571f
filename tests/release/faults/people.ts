/** Faults of people: two at once, one who dies or sleeps with the lock, one who takes an approval back, and no visitors. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { shortWatch } from "../bed/bed.ts";
import { at, deployed, outcomeOf, ownDeployer, type Ended, type Fault, type Scene } from "./fault.ts";

export const peopleFaults: readonly Fault[] = [
  {
    name: "nobody visits while it is watched",
    bring: (scene) => deployed(scene, { manner: { watch: { ...shortWatch, minimum: 1_000_000 } } }),
    ends: "held",
    says: /waits at watch.*Because \d+ requests are too few to judge by; 1000000 are needed/s,
    serves: "new",
    next: "rollback",
  },
  {
    name: "an approval is taken back while it runs",
    bring(scene) {
      let taken = false;
      return deployed(scene, {
        manner: {
          ...at("healthy", "ended", () => {
            taken = true;
          }),
          objections: async () => (taken ? ["the approval of this release was taken back"] : []),
        },
      });
    },
    ends: "reverted",
    says: /Because of switch: the approval of this release was taken back/,
    serves: "old",
  },
  {
    name: "two deploy at once",
    async bring(scene) {
      const first = await scene.workshop.delivery(scene.version);
      let second: Promise<Ended> | undefined;
      const told = await outcomeOf(() => scene.host.deploy(first, at("preflight", "began", () => {
        second = outcomeOf(() => scene.host.deploy(first, { who: "second@example.org" }));
      })));
      const other = await second;
      return { ...told, told: `${told.told}\nthe second: exit ${other?.exit}, ${other?.told}` };
    },
    ends: "finished",
    says: /the second: exit 7, .*Somebody else is releasing to bed: tester@example\.org \(deploy [0-9a-f]{12}\)/s,
    serves: "new",
  },
  {
    name: "who holds the lock is dead: the next waits for the end of the lease, and takes over",
    async bring(scene) {
      const { run } = await ownDeployer(scene, { step: "healthy", when: "ended", signal: "SIGKILL" });
      await run;
      const died = performance.now();
      const early = await outcomeOf(async () => scene.host.deploy(await scene.workshop.delivery(scene.version)));
      const late = await untilTaken(scene);
      return { ...late, told: `${late.told}\nat once: exit ${early.exit}, ${early.told}\nthe next had finished after ${Math.round((performance.now() - died) / 1000)} s` };
    },
    ends: "finished",
    // The lease is a minute, and was prolonged at most a quarter of it before the death.
    says: /at once: exit 7, .*releasing to bed: other@example\.org .*the lock ends at .*the next had finished after ([4-9]\d|\d{3}) s/s,
    serves: "new",
  },
  {
    name: "who holds the lock sleeps, wakes up when another has taken over, and is refused",
    async bring(scene) {
      const { run } = await ownDeployer(scene, { step: "start", when: "ended", signal: "SIGSTOP" });
      await untilStopped(run.pid);
      const other = await untilTaken(scene);
      process.kill(run.pid ?? 0, "SIGCONT");
      const { exitCode, all } = await run;
      return { ...other, told: `${other.told}\nwho woke up: exit ${exitCode}, ${all}` };
    },
    ends: "finished",
    says: /who woke up: exit 7, Somebody else is releasing to bed/,
    serves: "new",
  },
];

/** Deploys as soon as the lock is free, as somebody would who runs the command again and again. */
async function untilTaken(scene: Scene): Promise<Ended> {
  const delivery = await scene.workshop.delivery(scene.version);
  for (;;) {
    const ended = await outcomeOf(() => scene.host.deploy(delivery));
    if (ended.exit !== 7) return ended;
    await sleep(2000);
  }
}

/** Waits until a process was stopped by a signal. */
async function untilStopped(pid: number | undefined): Promise<void> {
  while (!/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) await sleep(100);
}
