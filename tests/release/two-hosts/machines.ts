/** Two hosts, a registry that has one name for all three machines, and the repository whose environments are on them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveEnvironment, type RegistryImage } from "@jlam/compose-dsl";
import { node } from "@jlam/platform";
import { makeHost, type TestHost } from "../bed/host.ts";
import { platformImages } from "../bed/images.ts";
import { startRegistry, type TestRegistry } from "../bed/registry.ts";
import { makeRepository, type TestRepository } from "../bed/repository.ts";
import { furnishApplication } from "./application.ts";
import { place } from "./platform.ts";

export const environments = ["staging", "production"] as const;
export type EnvironmentName = (typeof environments)[number];

export interface Machines {
  readonly registry: TestRegistry;
  readonly hosts: Readonly<Record<EnvironmentName, TestHost>>;
  readonly domains: Readonly<Record<EnvironmentName, string>>;
  readonly repository: TestRepository;
  /** The options by which a command reaches an environment's host. */
  readonly reach: (environment: EnvironmentName) => readonly string[];
  /** PEM of the authority that an environment's certificate is from. */
  readonly authority: (environment: EnvironmentName) => string;
  readonly remove: () => Promise<void>;
}

const domains = { staging: "staging.bed.test", production: "bed.test" } as const;
const ranges = { staging: "10.208.0.0/12", production: "10.224.0.0/12" } as const;

/** Makes everything; what was made is removed where something can't be. `soak` is production's, in seconds. */
export async function makeMachines({ soak }: { readonly soak: number }): Promise<Machines> {
  const registry = await startRegistry();
  const made: TestHost[] = [];
  let repository: TestRepository | undefined;
  const remove = async (): Promise<void> => {
    for (const host of made) await host.remove();
    await registry.remove();
    repository?.remove();
  };
  try {
    const { lock } = await platformImages(registry, publishedImages(registry.name));
    for (const number of [3, 4]) made.push(await makeHost({ number, registryPort: registry.port }));
    const [staging, production] = made;
    if (!staging || !production) throw new RangeError("two hosts were made");
    const hosts = { staging, production };
    repository = await makeRepository({
      registry: registry.name,
      lock,
      platform: join(import.meta.dirname, "platform.ts"),
      furnish: furnishApplication,
      environments: environments.map((name) => ({ name, domain: domains[name], range: ranges[name], knownHosts: readFileSync(hosts[name].destination.knownHosts, "utf8"), ...(name === "production" && { soak: `${soak}s` }) })),
    });
    const { root } = repository;
    return {
      registry,
      hosts,
      domains,
      repository,
      reach: (name) => ["--host", hosts[name].destination.address, "--identity", hosts[name].destination.identity ?? ""],
      authority: (name) => readFileSync(join(root, ".jlam/certificates", domains[name], "authority.pem"), "utf8"),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The images that somebody else publishes, once each, and the base of our own. */
function publishedImages(registry: string): readonly RegistryImage[] {
  const { services } = resolveEnvironment(place("staging", { domain: domains.staging, range: ranges.staging, registry, lock: {}, sealed: { secrets: {} } }));
  const published = [...services.values()].map(({ node: service }) => service.image).filter((image): image is RegistryImage => image.kind === "registry");
  return [...new Map([node, ...published].map((image) => [image.name, image])).values()];
}
