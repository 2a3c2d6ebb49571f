import { secretPath } from "../../resolve/connections.ts";
import type { ResolvedEnvironment, ResolvedService } from "../../resolve/resolved.ts";
import { fileTexts } from "../file-texts.ts";
import type { Rule } from "../rule.ts";

export const unusedSecret: Rule = {
  name: "unused-secret",
  severity: "warning",
  why: "a secret that nobody reads is a risk without a use, and its rotation is work for nothing",
  *check({ services }) {
    for (const { name, node, mounts } of services.values()) {
      const inSettings = new Set(Object.values(node.settings).flatMap((setting) => (typeof setting === "object" && setting.kind === "secret-file" ? [setting.secret] : [])));
      const rest = Object.keys(node.secrets).filter((secret) => !inSettings.has(secret));
      if (rest.length === 0) continue;
      const told = textsOf({ node, mounts }).join("\n");
      for (const secret of rest) {
        if (told.includes(secretPath(secret))) continue;
        yield {
          subject: `${name} ${secret}`,
          message: `no setting, command or file of "${name}" refers to its secret "${secret}"`,
          fix: `tell the program where it is: \`settings: { …: file("${secret}") }\`, or remove it`,
          at: node.at,
        };
      }
    }
  },
};

/** Everything that a service's program is told, as text. */
function textsOf({ node, mounts }: Pick<ResolvedService, "node" | "mounts">): readonly string[] {
  return [
    ...(node.command ?? []),
    ...(node.entrypoint ?? []),
    ...(node.health?.kind === "command" ? node.health.command : []),
    ...Object.values(node.settings).flatMap((setting) => (typeof setting === "string" ? [setting] : [])),
    JSON.stringify(node.compose),
    ...mounts.flatMap(fileTexts),
  ];
}


export const unusedPort: Rule = {
  name: "unused-port",
  severity: "warning",
  why: "a port that nothing refers to is a fact that nobody keeps true",
  *check(environment) {
    const used = usedPorts(environment);
    for (const { name, node } of environment.services.values()) {
      for (const port of Object.keys(node.ports)) {
        if (used.has(`${name} ${port}`)) continue;
        yield {
          subject: `${name} ${port}`,
          message: `nothing refers to the port "${port}" of "${name}": no route, connection, health check, metrics or setting`,
          fix: `remove it, or use it: \`port("${port}")\` in settings tells the program where to listen`,
          at: node.at,
        };
      }
    }
  },
};

function usedPorts({ services, edges, routes, providers }: ResolvedEnvironment): ReadonlySet<string> {
  const used = new Set<string>();
  for (const { name, node } of services.values()) {
    if (node.health?.kind === "http") used.add(`${name} ${node.health.port}`);
    if (node.metrics) used.add(`${name} ${node.metrics.port}`);
    for (const port of Object.keys(node.publishes)) used.add(`${name} ${port}`);
    for (const setting of Object.values(node.settings)) {
      if (typeof setting === "object" && setting.kind === "port-number") used.add(`${name} ${setting.port}`);
    }
  }
  for (const { edge } of edges) if (edge.target.kind === "endpoint") used.add(`${edge.target.service} ${edge.target.port}`);
  for (const { route } of routes) used.add(`${route.to.service} ${route.to.port}`);
  for (const { binding } of providers.values()) {
    if (binding.address.kind === "container") used.add(`${binding.address.endpoint.service} ${binding.address.endpoint.port}`);
    if (binding.wall) used.add(`${binding.wall.outpost.service} ${binding.wall.outpost.port}`);
  }
  return used;
}

export const unusedMiddleware: Rule = {
  name: "unused-middleware",
  severity: "warning",
  why: "a rule that no request meets protects nothing, though it looks as if",
  *check({ proxy, routes }) {
    if (!proxy || routes.length === 0) return;
    const used = new Set(routes.flatMap(({ shared }) => shared));
    for (const middleware of proxy.everyRoute) {
      if (used.has(middleware)) continue;
      yield {
        subject: middleware.name,
        message: `every route replaces the edge's middleware "${middleware.name}" by its own`,
        fix: "remove it from the edge, or from one of the routes",
        at: middleware.at,
      };
    }
  },
};

export const unusedWaiver: Rule = {
  name: "unused-waiver",
  severity: "warning",
  why: "an exception that is no longer needed hides the next one",
  *check({ services }) {
    for (const { name, node } of services.values()) {
      const stale = [
        ...(node.exceptions["non-root"] !== undefined && !runsAsRoot(node.user) ? ["non-root"] : []),
        ...(node.exceptions["no-host-path"] !== undefined && !Object.values(node.mounts).some(({ kind }) => kind === "host-path") ? ["no-host-path"] : []),
        ...(node.exceptions["health-check"] !== undefined && node.health ? ["health-check"] : []),
      ];
      for (const rule of stale) {
        yield {
          subject: `${name} ${rule}`,
          message: `"${name}" has an exception from "${rule}" which it doesn't need`,
          fix: `remove "${rule}" from its \`exceptions\``,
          at: node.at,
        };
      }
    }
  },
};

const runsAsRoot = (user: string): boolean => Number(user.split(":")[0]) === 0;
