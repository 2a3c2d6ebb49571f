import type { ComposeFile, ComposeNetwork, ComposeSecret, ComposeService, ComposeVolume } from "../compose/specification.ts";
import type { ResolvedEnvironment, ResolvedRoute, ResolvedStack } from "../resolve/resolved.ts";
import { colouredName, colours, isColoured, type Colour } from "../resolve/colours.ts";
import { declared, derivedFrom } from "../resolve/why.ts";
import { composeService } from "./compose-service.ts";
import { secretsFolder } from "./host-folders.ts";
import { networkName } from "./labels.ts";
import { noTrace, within, type Trace } from "./trace.ts";

/** Name of the environment's Compose project: prefix of its containers and volumes. */
export const projectName = (environment: string): string => `jlam-${environment}`;

/** The file that stock Compose reads: it joins one file per stack. */
export const joinedFile = (environment: ResolvedEnvironment): ComposeFile => ({
  name: projectName(environment.name),
  include: stacksWithServices(environment).map(({ name }) => stackFileName(name)),
});

export const stackFileName = (stack: string): string => `${stack}.yaml`;

export const stacksWithServices = ({ stacks }: ResolvedEnvironment): readonly ResolvedStack[] => stacks.filter(({ services }) => services.length > 0);

/** One stack's Compose file: complete for its environment, and loadable alone, since it includes what it waits for. */
export function stackFile(
  stack: ResolvedStack,
  environment: ResolvedEnvironment,
  routesOf: ReadonlyMap<string, readonly ResolvedRoute[]>,
  trace: Trace = noTrace,
): ComposeFile {
  const services: Record<string, ComposeService> = {};
  const networks: Record<string, ComposeNetwork> = {};
  const volumes: Record<string, ComposeVolume> = {};
  const secrets: Record<string, ComposeSecret> = {};
  for (const service of stack.services) {
    const routes = [service.name, ...service.node.standsInFor].flatMap((name) => routesOf.get(name) ?? []);
    const coloured = isColoured(service.node, environment.node);
    for (const { name, colour } of coloured ? inBothColours(service.name) : [{ name: service.name, colour: undefined }]) {
      services[name] = composeService(service, environment, routes, colour, within(trace, "services", name));
    }
    for (const { name } of service.networks) networks[name] = composeNetwork(environment, name, within(trace, "networks", name));
    for (const mount of service.mounts) {
      if (mount.kind !== "volume") continue;
      const { name, holds, at } = mount.volume;
      volumes[name] = { labels: { "nl.jlam.environment": environment.name, "nl.jlam.holds": holds } };
      trace(["volumes", name], declared(at, ""));
    }
    for (const { file, why } of service.secrets) {
      secrets[`${service.name}.${file}`] = { file: `${secretsFolder(coloured)}/${service.name}/${file}` };
      trace(["secrets", `${service.name}.${file}`], why);
    }
  }
  return {
    name: projectName(environment.name),
    ...(stack.includes.length > 0 && { include: stack.includes.map(stackFileName) }),
    services,
    ...(Object.keys(networks).length > 0 && { networks }),
    ...(Object.keys(volumes).length > 0 && { volumes }),
    ...(Object.keys(secrets).length > 0 && { secrets }),
  };
}

const inBothColours = (service: string): readonly { readonly name: string; readonly colour: Colour }[] =>
  colours.map((colour) => ({ name: colouredName(service, colour), colour }));

function composeNetwork(environment: ResolvedEnvironment, name: string, trace: Trace): ComposeNetwork {
  const network = environment.networks.get(name);
  const why = derivedFrom(network?.at, network?.because ?? "an edge");
  trace(["name"], why);
  trace(["internal"], why);
  trace(["ipam"], derivedFrom(environment.node.at, "its place in the environment's range follows from its name", "range"));
  trace(["labels", "nl.jlam.environment"], derivedFrom(environment.node.at, "the environment's name"));
  trace(["labels", "nl.jlam.because"], why);
  return {
    name: networkName(environment, name),
    ...(network?.internal === true && { internal: true }),
    ipam: { config: [{ subnet: network?.subnet ?? "" }] },
    labels: { "nl.jlam.environment": environment.name, "nl.jlam.because": network?.because ?? "" },
  };
}
