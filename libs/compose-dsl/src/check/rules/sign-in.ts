import { takesCallback } from "../../resolve/sign-in.ts";
import { suggestion, type Rule } from "../rule.ts";

export const signInRoute: Rule = {
  name: "sign-in-route",
  severity: "error",
  why: "whoever signs in comes from a browser, and no browser reaches the service",
  *check({ services, routes }) {
    const byService = Map.groupBy(routes, ({ service }) => service);
    for (const { name, node } of services.values()) {
      if (!node.signIn) continue;
      const own = byService.get(name) ?? [];
      if (own.length === 0) {
        yield { subject: name, message: `"${name}" declares \`signIn\`, and no route leads to it`, fix: `add a route to its stack, or remove \`signIn\``, at: node.at };
      } else if (node.signIn.kind === "oidc") {
        const { callback } = node.signIn;
        if (own.some(({ route }) => takesCallback(route, callback))) continue;
        yield {
          subject: name,
          message: `no route of "${name}" takes its sign-in callback ${callback}; they take ${own.map(({ route }) => route.path).join(", ")}`,
          fix: "let a route take the callback's path, or move the callback below a path that one takes",
          at: node.at,
        };
      }
    }
  },
};

export const signInWall: Rule = {
  name: "sign-in-wall",
  severity: "error",
  why: "the route would name a wall that isn't there, and Traefik would serve nothing",
  *check({ routes, providers, services }) {
    const identity = providers.get("identity-sign-in");
    if (identity === undefined || identity.binding.wall) return;
    for (const { name, service, walled, route } of routes) {
      if (!walled) continue;
      yield {
        subject: name,
        message: `"${service}" is behind the sign-in wall (forwardAuth), and what provides the identity here has no wall`,
        fix: "provide identity by something with a `wall`, or let the service sign people in itself with oidc(…)",
        at: services.get(service)?.node.at ?? route.at,
      };
    }
  },
};

/** A wall that every route goes round is no wall. */
export const wallWithoutDoor: Rule = {
  name: "sign-in-open",
  severity: "warning",
  why: "the service believes that only members come in, and everybody does",
  *check({ services, routes }) {
    const byService = Map.groupBy(routes, ({ service }) => service);
    for (const { name, node } of services.values()) {
      const own = byService.get(name) ?? [];
      if (node.signIn?.kind !== "forward-auth" || own.length === 0 || own.some(({ walled }) => walled)) continue;
      yield {
        subject: name,
        message: `every route to "${name}" is open (\`openBecause\`), though it declares forwardAuth`,
        fix: "remove `openBecause` from the route that people sign in for, or remove `signIn`",
        at: own[0]?.route.at ?? node.at,
      };
    }
  },
};

export const signInClients: Rule = {
  name: "sign-in-clients",
  severity: "error",
  why: "the service would not know where to send people, and nobody could sign in",
  *check({ providers, services }) {
    const provider = providers.get("identity-sign-in");
    if (provider === undefined || provider.binding.clients) return;
    for (const { name, node } of services.values()) {
      if (node.signIn?.kind !== "oidc") continue;
      yield {
        subject: name,
        message: `"${name}" signs people in itself (oidc), and what provides the identity here takes no clients`,
        fix: "provide identity by something with `clients`, or stand a wall before the service with forwardAuth(…)",
        at: node.at,
      };
    }
  },
};

export const signInGroups: Rule = {
  name: "sign-in-groups",
  severity: "error",
  why: "nobody is a member of a group that doesn't exist, so nobody would be let in",
  *check({ providers, services }) {
    const known = providers.get("identity-sign-in")?.binding.clients?.groups;
    if (known === undefined) return;
    for (const { name, node } of services.values()) {
      for (const group of node.signIn?.groups ?? []) {
        if (known.includes(group)) continue;
        yield {
          subject: `${name} ${group}`,
          message: `"${name}" lets the group "${group}" in, which the identity provider doesn't know${suggestion(group, known)}`,
          fix: `use one of ${known.join(", ")}, or add the group to the identity provider`,
          at: node.at,
        };
      }
    }
  },
};
