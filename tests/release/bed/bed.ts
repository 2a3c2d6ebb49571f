/** Everything that a test of releases needs: registry, images, a host, and deploys that say what they do. */
import { node, redisServer } from "@jlam/platform";
import type { RegistryImage } from "@jlam/compose-dsl";
import { openComposeHost } from "../../../tools/jlam/src/release/host/compose-host.ts";
import type { Step } from "../../../tools/jlam/src/release/journal/entry.ts";
import type { Host } from "../../../tools/jlam/src/release/host/host.ts";
import { deploy, rollback, type Delivery, type Manner, type Result } from "../../../tools/jlam/src/release/machine/deploy.ts";
import { bedEnvironment, domain, type ApplicationChanges } from "./environment.ts";
import { makeHost, type HostOptions, type TestHost } from "./host.ts";
import { applicationImages, platformImages, type Mode } from "./images.ts";
import { once } from "./load.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";
import { bedSecrets, deliveryOf, type BedSecrets } from "./releases.ts";

/** Names of environments become folders of the host and projects of its engine; hosts are apart, so one name serves all. */
export const environmentName = "bed";

export interface Workshop {
  readonly registry: TestRegistry;
  /** Repository of the application's image, as every host names it. */
  readonly application: string;
  readonly secrets: BedSecrets;
  /** What images are called on this machine, by their name in the model. */
  readonly local: Readonly<Record<string, string>>;
  readonly delivery: (version: number, mode?: Mode, changes?: ApplicationChanges) => Promise<Delivery>;
  readonly close: () => Promise<void>;
}

/** Registry, images and releases: made once, for any number of hosts. */
export async function openWorkshop(): Promise<Workshop> {
  const registry = await startRegistry();
  const secrets = await bedSecrets();
  const own = `${registry.name}/jlam`;
  const published = [...bedEnvironment(environmentName, { registry: own, lock: {} }).services.values()].map(({ node: service }) => service.image).filter((image): image is RegistryImage => image.kind === "registry");
  const byName = new Map([node, redisServer, ...published].map((image) => [image.name, image]));
  const { lock, local } = await platformImages(registry, [...byName.values()]);
  const images = await applicationImages(registry, local["node"] ?? "");
  return {
    registry,
    application: `${own}/app`,
    secrets,
    local,
    delivery: async (version, mode = "good", changes = {}) => deliveryOf(bedEnvironment(environmentName, { registry: own, lock }, changes), secrets, { ...lock, [`${own}/app:release`]: await images.make(version, mode) }),
    async close() {
      await images.remove();
      await registry.remove();
    },
  };
}

/** Steps of an undertaking with how they ended and how long they took, in milliseconds. */
export type Story = readonly { readonly step: Step; readonly outcome: string; readonly why: string; readonly milliseconds: number }[];

export interface Told {
  readonly result: Result;
  readonly story: Story;
}

export interface ReleaseHost {
  readonly machine: TestHost;
  readonly open: () => Promise<Host>;
  /** Deploys, and tells how it went. `manner` changes how: another person, a shorter watch. */
  readonly deploy: (delivery: Delivery, manner?: Partial<Manner>) => Promise<Told>;
  readonly rollback: (manner?: Partial<Manner>) => Promise<Told>;
  readonly remove: () => Promise<void>;
}

/** A short window that wants little traffic: what a test can wait for. Milliseconds. */
export const shortWatch = { window: 4000, minimum: 20, pause: 1000 } as const;

/** An empty host that can be deployed to. */
export async function emptyHost(workshop: Workshop, options: Omit<HostOptions, "registryPort">): Promise<ReleaseHost> {
  const machine = await makeHost({ ...options, registryPort: workshop.registry.port });
  const open = (): Promise<Host> => openComposeHost(environmentName, machine.destination);
  const told = async (changes: Partial<Manner>, run: (manner: Manner) => Promise<Result>): Promise<Told> => {
    const story: Story[number][] = [];
    const manner: Manner = {
      environment: environmentName,
      who: "tester@example.org",
      open,
      preview: async () => [],
      watch: shortWatch,
      ...changes,
      witness: {
        began: (step) => changes.witness?.began(step),
        at: (step, line) => changes.witness?.at(step, line),
        ended(step, result, milliseconds) {
          story.push({ step, outcome: result.outcome, why: result.outcome === "done" ? "" : result.why, milliseconds: Math.round(milliseconds) });
          changes.witness?.ended(step, result, milliseconds);
        },
      },
    };
    return { result: await run(manner), story };
  };
  return {
    machine,
    open,
    deploy: (delivery, changes = {}) => told(changes, (manner) => deploy(delivery, manner)),
    rollback: (changes = {}) => told(changes, rollback),
    remove: () => machine.remove(),
  };
}

/** Asks the site for a page, on a connection of its own; returns what it says. */
export const visitorAt =
  ({ machine }: ReleaseHost, { secrets }: Workshop) =>
  async (path: string): Promise<string> => {
    const { address } = machine;
    const { body } = await once({ domain, path, ca: secrets.authority.certificate, servername: domain, lookup: (_, options, done) => (options.all === true ? done(null, [{ address, family: 4 }]) : done(null, address, 4)) });
    return body;
  };
