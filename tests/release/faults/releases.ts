/** Faults of what is brought: images that are bad, not there, or for another machine; and the registry they come from. */
import type { Delivery } from "../../../tools/jlam/src/release/machine/deploy.ts";
import type { Mode } from "../bed/images.ts";
import { at, deployed, secondsOf, type Fault, type Scene } from "./fault.ts";

// Nobody waits a busy machine's minute for an image that is never well.
const badImage = (name: string, mode: Mode, says: RegExp): Fault => ({ name, bring: (scene) => deployed(scene, { mode, changes: { startPeriod: "5s" } }), ends: "reverted", says, serves: "old" });

export const releaseFaults: readonly Fault[] = [
  badImage("the new image crashes", "crash", /Because of healthy: app-(blue|green): it (ends again and again|ended with 1).*this release can't start/s),
  badImage("the new image never becomes healthy", "unhealthy", /Because of healthy: app-(blue|green): (its health check fails|not healthy within)/),
  badImage("the new image uses more memory than it may", "hungry", /Because of healthy: app-(blue|green): (the kernel ended it, since it used more memory than it may|it ends again and again|it ended with 137).*\d+ MiB eaten/s),
  badImage("the migration fails", "bad-migration", /Because of migrate: .*column does not exist/s),
  {
    name: "the new image starts slowly, and is waited for",
    bring: (scene) => deployed(scene, { mode: "slow-start", seen: (told) => `healthy after ${secondsOf(told, "healthy")} s` }),
    ends: "finished",
    // It answers its health check with 503 for 15 s.
    says: /healthy after (1[3-9]|[2-9]\d) s/,
    serves: "new",
  },
  {
    name: "the new image is healthy, and fails after a while",
    bring: (scene) => deployed(scene, { mode: "fails-later", manner: { watch: { window: 20_000, minimum: 20, pause: 500 } } }),
    ends: "reverted",
    says: /Because of watch: (\d+ of \d+ requests failed|the health check)/,
    serves: "old",
    visitors: /: (stream: )?status 500$/,
  },
  {
    name: "the new image is slow",
    bring: (scene) => deployed(scene, { mode: "slow", changes: { p95: "500ms" } }),
    ends: "reverted",
    says: /Because of watch: 95 % of requests took .*; 500 ms are promised/,
    serves: "old",
  },
  {
    name: "the release names a digest that the registry doesn't have",
    bring: (scene) => deployed(scene, { delivery: (delivery) => withApplication(scene, delivery, `sha256:${"0".repeat(64)}`) }),
    ends: "reverted",
    says: /Because of pull: .*(not found|manifest unknown).*could not be pulled/s,
    serves: "old",
  },
  {
    name: "the image is for another architecture",
    async bring(scene) {
      const { registry, application, delivery } = scene.workshop;
      const { release } = await delivery(scene.version);
      const foreign = await registry.indexed("jlam/app", release.images[`${application}:release`] ?? "", "arm64");
      return await deployed(scene, { delivery: (one) => withApplication(scene, one, foreign) });
    },
    ends: "reverted",
    says: /Because of pull: no matching manifest for linux\/amd64.*could not be pulled/s,
    serves: "old",
  },
  {
    name: "the registry is down",
    bring: (scene) => whileRegistry(scene, () => scene.workshop.registry.stop()),
    ends: "reverted",
    says: /Because of pull: .*could not be pulled/s,
    serves: "old",
  },
  {
    name: "the registry refuses",
    bring: (scene) => whileRegistry(scene, async () => {
      await scene.workshop.registry.stop();
      await scene.workshop.registry.start({ refusing: true });
    }),
    ends: "reverted",
    says: /Because of pull: .*(unauthorized|authentication required|no basic auth|authorization failed).*could not be pulled/s,
    serves: "old",
  },
  {
    name: "the registry is slow",
    bring: (scene) => deployed(scene, { manner: at("pull", "began", () => void scene.workshop.registry.pause(8000)), seen: (told) => `pulled after ${secondsOf(told, "pull")} s` }),
    ends: "finished",
    says: /pulled after ([89]|\d\d) s/,
    serves: "new",
  },
];

/** Brings the version while the registry isn't as it should be. */
async function whileRegistry(scene: Scene, spoil: () => Promise<void>): ReturnType<Fault["bring"]> {
  const { registry } = scene.workshop;
  // Built and pushed while it still answers.
  await scene.workshop.delivery(scene.version);
  await spoil();
  try {
    return await deployed(scene);
  } finally {
    await registry.stop();
    await registry.start();
  }
}

/** The same release with another digest of the application. */
function withApplication({ workshop: { application } }: Scene, delivery: Delivery, digest: string): Delivery {
  const { itinerary } = delivery;
  const changed = (image: string): string => (image.startsWith(`${application}:`) ? `${application}:release@${digest}` : image);
  return { ...delivery, itinerary: { ...itinerary, images: itinerary.images.map(changed), variables: Object.fromEntries(Object.entries(itinerary.variables).map(([name, image]) => [name, changed(image)])) } };
}
