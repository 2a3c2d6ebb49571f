import type { Endpoint } from "../../model/edge.ts";
import type { Origin } from "../../model/origin.ts";
import { resourceId } from "../../model/resource.ts";
import type { Setting } from "../../model/setting.ts";
import type { ResolvedEnvironment, ResolvedService } from "../../resolve/resolved.ts";
import { declaredAt, suggestion, type Finding, type Rule } from "../rule.ts";

/** What the compiler refuses where it sees it; what was cast, or comes from plain JavaScript, is found here. */
export const undefinedReference: Rule = {
  name: "undefined-reference",
  severity: "error",
  why: "nothing has this name, so a program would be told of something that doesn't exist",
  *check(environment) {
    for (const service of environment.services.values()) {
      for (const [where, name] of portsInUse(service)) {
        if (!Object.hasOwn(service.node.ports, name)) yield undeclared(service.name, where, { what: "port", name, known: Object.keys(service.node.ports) }, service.node.at);
      }
      for (const [setting, value] of Object.entries(service.node.settings)) {
        const named = nameIn(value, service);
        if (named && !named.known.includes(named.name)) yield undeclared(service.name, setting, named, declaredAt(service, `settings.${setting}`));
      }
      yield* milestones(service, environment);
      for (const { target, at } of Object.values(service.node.connects)) {
        if (target.kind === "endpoint") yield* endpoint(target, `"${service.name}"`, at, environment);
      }
    }
    for (const { route } of environment.routes) yield* endpoint(route.to, "a route", route.at, environment);
  },
};

const portsInUse = ({ node }: ResolvedService): readonly (readonly [where: string, port: string])[] => [
  ...(node.health?.kind === "http" ? [["health", node.health.port] as const] : []),
  ...(node.metrics ? [["metrics", node.metrics.port] as const] : []),
  ...Object.keys(node.publishes).map((port) => ["publishes", port] as const),
];

interface Named {
  readonly what: "port" | "secret" | "connection";
  readonly name: string;
  readonly known: readonly string[];
}

/** The name that a setting refers to, with those that it may be. */
function nameIn(setting: Setting, { node }: ResolvedService): Named | undefined {
  if (typeof setting !== "object") return undefined;
  switch (setting.kind) {
    case "secret-file":
      return { what: "secret", name: setting.secret, known: Object.keys(node.secrets) };
    case "port-number":
      return { what: "port", name: setting.port, known: Object.keys(node.ports) };
    case "connection":
      return { what: "connection", name: setting.connection, known: Object.keys(node.connects) };
    case "url":
    case "host":
    case "environment-name":
    case "proxy-range":
    case "front-ranges":
      return undefined;
  }
}

/** Milestones of what this environment lacks. Connections to it are reported where the environment is worked out. */
function* milestones({ name, node, dependsOn }: ResolvedService, { services, providers }: ResolvedEnvironment): Iterable<Finding> {
  for (const { service, why } of dependsOn) {
    if (why.field !== "startsAfter" || services.has(service)) continue;
    yield {
      subject: `${name} startsAfter`,
      message: `"${name}" starts after "${service}", which no stack of this environment contains${suggestion(service, services.keys())}`,
      fix: `add the stack of "${service}" to the environment`,
      at: why.at,
    };
  }
  for (const milestone of node.startsAfter) {
    if (milestone.kind !== "resource-healthy" || providers.has(milestone.resource)) continue;
    yield {
      subject: `${name} startsAfter`,
      message: `"${name}" starts after the resource "${milestone.resource}", which nothing provides here${suggestion(milestone.resource, providers.keys())}`,
      fix: `add a provider to \`provides\` of the environment`,
      at: node.at,
    };
  }
}

/** An endpoint is a value of its own: the service of that name here may be another one. */
function* endpoint(to: Endpoint, who: string, at: Origin, { services }: ResolvedEnvironment): Iterable<Finding> {
  const node = services.get(to.service)?.node;
  if (!node || node.ports[to.port]?.number === to.number) return;
  yield {
    subject: `${to.service} ${to.port}`,
    message: `${who} leads to the port "${to.port}" (${to.number}) of "${to.service}", which "${to.service}" doesn't have in this environment${suggestion(to.port, Object.keys(node.ports))}`,
    fix: `refer to a port of the service that is in the environment: \`${to.service}.ports.…\``,
    at,
  };
}

const undeclared = (service: string, where: string, { what, name, known }: Named, at: Origin): Finding => ({
  subject: `${service} ${where}`,
  message: `${where} refers to the ${what} "${name}", which "${service}" doesn't declare${suggestion(name, known)}`,
  fix: known.length > 0 ? `use one that it declares (${known.join(", ")}), or declare it` : `declare the ${what} "${name}"`,
  at,
});

export const unusedProvider: Rule = {
  name: "unused-provider",
  severity: "warning",
  why: "it costs memory and care for nobody",
  *check({ providers, edges, services }) {
    const needed = new Set(edges.flatMap(({ edge }) => (edge.target.kind === "endpoint" ? [] : [resourceId(edge.target)])));
    if ([...services.values()].some(({ node }) => node.signIn)) needed.add("identity-sign-in");
    for (const [id, { provides, at }] of providers) {
      if (needed.has(id)) continue;
      yield {
        subject: id,
        message: `${provides.kind} "${provides.name}" is provided, and no service connects to it`,
        fix: "remove it from `provides`, or connect to it",
        at,
      };
    }
  },
};
