import type { EnvironmentNode, Override } from "../model/environment.ts";
import type { Origin } from "../model/origin.ts";
import type { Resource } from "../model/resource.ts";
import type { Route } from "../model/route.ts";
import type { ServiceNode } from "../model/service.ts";
import type { Proxy } from "../model/stack.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { suggestion } from "./rule.ts";

/** What can go wrong while an environment is worked out; each function is one rule's text. */

const error = (rule: string, subject: string, at: Origin | undefined, text: Pick<Diagnostic, "message" | "why" | "fix">): Diagnostic => ({
  rule,
  severity: "error",
  subject,
  at,
  ...text,
});

export const unsettledStacks = (environment: EnvironmentNode, stacks: readonly string[]): Diagnostic =>
  error("stacks-settle", `${environment.name} ${stacks.join(", ")}`, environment.at, {
    message: `the stacks ${stacks.join(", ")} change each time they look at their environment`,
    why: "a stack that looks at its surroundings must come to an end, or no file can be written",
    fix: "let each stack derive from what services declare, not from the number or content of derived services",
  });

/** The sentence that the compiler shows too (`Unprovided` in model/environment.ts). */
export const unprovidedResource = (environment: EnvironmentNode, by: ServiceNode, resource: Pick<Resource, "kind" | "name">): Diagnostic =>
  error("unprovided-resource", `${environment.name} ${by.name}`, by.at, {
    message: `${resource.kind} "${resource.name}" is needed by a stack of this environment, and nothing provides it`,
    why: `${by.name} would start without it and fail`,
    fix: `add a provider to \`provides\` of environment "${environment.name}"`,
  });

export const unknownOverride = (environment: EnvironmentNode, { service, at }: Override, known: readonly string[]): Diagnostic =>
  error("unknown-override", `${environment.name} ${service}`, at, {
    message: `an override names the service "${service}", which this environment does not have${suggestion(service, known)}`,
    why: "an override that changes nothing hides a mistake",
    fix: "remove it, or add the service's stack to the environment",
  });

export const duplicateService = (environment: EnvironmentNode, second: ServiceNode, first: ServiceNode): Diagnostic =>
  error("duplicate-service", `${environment.name} ${second.name}`, second.at, {
    message: `two services are called "${second.name}"; the other is at ${first.at.file}:${first.at.line}`,
    why: "a service's name is its address, its container and its files",
    fix: "rename one of them",
  });

export const unknownTarget = (environment: EnvironmentNode, target: string, at: Origin, known: readonly string[]): Diagnostic =>
  error("undefined-reference", `${environment.name} ${target}`, at, {
    message: `"${target}" is referred to, but no stack of this environment contains it${suggestion(target, known)}`,
    why: "the name would not resolve in the container",
    fix: `add the stack of "${target}" to the environment, or its service to the stack`,
  });

export const badRange = (environment: EnvironmentNode): Diagnostic =>
  error("address-range", environment.name, environment.at, {
    message: `"${environment.range}" is not an IPv4 range with room for networks`,
    why: "every edge gets a /28 of it",
    fix: 'write a private range whose first address fits its length, such as "10.128.0.0/12"',
  });

export const smallRange = (environment: EnvironmentNode, networks: number, places: number): Diagnostic =>
  error("address-range", environment.name, environment.at, {
    message: `${networks} networks don't fit into ${environment.range}, which has room for ${places}`,
    why: "every edge gets a /28 of it",
    fix: 'take a larger range, such as "10.128.0.0/12" with room for 65,536',
  });

export const severalProxies = (environment: EnvironmentNode, proxies: readonly Proxy[]): Diagnostic =>
  error("one-proxy", `${environment.name} ${proxies.map(({ service }) => service.name).join(", ")}`, proxies[1]?.service.at, {
    message: `${proxies.length} stacks say that they are the proxy`,
    why: "routes, certificates and published ports belong to one door",
    fix: "keep `proxy` in one stack",
  });

export const noProxy = (environment: EnvironmentNode, { to, at }: Route): Diagnostic =>
  error("one-proxy", `${environment.name} ${to.service}`, at, {
    message: `a route leads to ${to.service}, but no stack of this environment has a proxy`,
    why: "nothing would serve the route",
    fix: "add the edge stack to the environment",
  });
