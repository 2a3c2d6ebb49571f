import type { ResolvedEnvironment } from "../../resolve/resolved.ts";
import { connectionParts, connectionVariables } from "../../resolve/connections.ts";
import { resourceId } from "../../model/resource.ts";
import { signInVariableNames } from "../../resolve/sign-in.ts";
import type { Origin } from "../../model/origin.ts";
import { declaredAt, place, type Finding, type Rule } from "../rule.ts";

/** A label of a DNS name (RFC 1123, section 2.1). */
const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
/** What Compose's schema allows as a key of volumes and secrets; it must also be a plain file name. */
const key = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const variable = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
/** RFC 1123 again: the longest label. Docker's resolver answers for container and network names alike. */
const longest = 63;
/** The longer of the colours' endings, `-green`. */
const colourLength = 6;

export const nameRule: Rule = {
  name: "name",
  severity: "error",
  why: "names become DNS names, files and keys of Compose, which refuse or misread others",
  *check(environment) {
    const dns = (what: string, name: string, at: Origin, room = longest): readonly Finding[] =>
      label.test(name) && name.length <= room
        ? []
        : [bad(what, name, at, name.length > room ? `use at most ${room} characters` : "use small letters, digits and hyphens, and a letter or digit at both ends")];
    yield* dns("environment", environment.name, environment.node.at);
    for (const { stack, at } of stackNames(environment)) yield* dns("stack", stack, at);
    for (const { name, node } of environment.services.values()) {
      yield* dns(node.kind, name, node.at, node.release.kind === "blue-green" ? longest - colourLength : longest);
      for (const secret of Object.keys(node.secrets)) if (!key.test(secret) || secret.length > longest) yield bad("secret", secret, node.at, `use letters, digits, dots, underscores and hyphens, at most ${longest}`);
      for (const setting of Object.keys(node.settings)) if (!variable.test(setting)) yield bad("setting", setting, node.at, "use letters, digits and underscores, and begin with a letter");
      for (const connection of Object.keys(node.connects)) if (!label.test(connection.toLowerCase())) yield bad("connection", connection, node.at, "use letters, digits and hyphens");
    }
    for (const { name, at } of environment.volumes.values()) if (!key.test(name)) yield bad("volume", name, at, "use letters, digits, dots, underscores and hyphens");
    for (const { name, members, at } of environment.networks.values()) {
      if (name.length > longest) yield bad("network", name, at, `shorten the name of ${members.join(" or ")}: the network between them is called after both, in at most ${longest} characters`);
    }
    for (const { name, at } of environment.proxy?.everyRoute ?? []) yield* dns("middleware", name, at);
    for (const { own } of environment.routes) for (const { name, at } of own) yield* dns("middleware", name, at);
  },
};

const bad = (what: string, name: string, at: Origin, fix: string): Finding => ({ subject: name, message: `"${name}" can't name ${/^[aeiou]/.test(what) ? "an" : "a"} ${what}`, fix, at });

interface StackName {
  readonly stack: string;
  readonly at: Origin;
}

const stackNames = ({ node }: ResolvedEnvironment): readonly StackName[] => [
  ...node.provides.filter(({ services }) => services.length > 0).map(({ provides, at }) => ({ stack: resourceId(provides), at })),
  ...node.stacks.map(({ name, at }) => ({ stack: name, at })),
];

/** Names that synth gives to files and folders of its own. */
const reserved = ["compose", "files", "manifest"];

export const stackName: Rule = {
  name: "stack-name",
  severity: "error",
  why: "each stack is a file of its own in the environment's folder",
  *check(environment) {
    const known = new Map<string, Origin>();
    for (const { stack, at } of stackNames(environment)) {
      const other = known.get(stack);
      if (reserved.includes(stack)) yield { subject: stack, message: `"${stack}" is the name of a file that synth writes itself`, fix: "rename the stack", at };
      else if (other) yield { subject: stack, message: `two stacks are called "${stack}"; the other is at ${place(other)}`, fix: "rename one of them; a provider's is named after its resource", at };
      else known.set(stack, at);
    }
  },
};

export const providedTwice: Rule = {
  name: "provided-twice",
  severity: "error",
  why: "only one of them can answer; the containers of the other would run for nobody",
  *check({ node }) {
    const known = new Map<string, Origin>();
    for (const { provides, at } of node.provides) {
      const id = resourceId(provides);
      const other = known.get(id);
      if (other) yield { subject: id, message: `${provides.kind} "${provides.name}" is provided twice; the other is at ${place(other)}`, fix: "keep one provider", at };
      else known.set(id, at);
    }
  },
};

export const settingCollision: Rule = {
  name: "setting-collision",
  severity: "error",
  why: "a connection tells programs of ours where it leads under derived names; a setting of that name hides it, and one of them gets old",
  *check({ services, providers }) {
    for (const service of services.values()) {
      if (service.node.image.kind !== "build") continue;
      const given = new Map<string, string>();
      for (const [connection, edge] of Object.entries(service.node.connects)) {
        const provider = edge.target.kind === "endpoint" ? undefined : providers.get(resourceId(edge.target));
        for (const name of connectionVariables(connection, edge.target.kind, connectionParts(connection, edge, provider)).keys()) {
          const other = given.get(name);
          if (other === undefined) given.set(name, connection);
          else {
            yield {
              subject: `${service.name} ${name}`,
              message: `the connections "${other}" and "${connection}" of "${service.name}" both give ${name}`,
              fix: "rename one of the connections",
              at: edge.at,
            };
          }
        }
      }
      for (const setting of Object.keys(service.node.settings)) {
        if (service.node.signIn?.kind === "oidc" && signInVariableNames.includes(setting)) {
          yield {
            subject: `${service.name} ${setting}`,
            message: `the setting ${setting} of "${service.name}" hides what its \`signIn\` gives under this name`,
            fix: "remove the setting, or use another name",
            at: declaredAt(service, `settings.${setting}`),
          };
        }
        const connection = given.get(setting);
        if (connection === undefined) continue;
        yield {
          subject: `${service.name} ${setting}`,
          message: `the setting ${setting} of "${service.name}" hides what its connection "${connection}" gives under this name`,
          fix: "remove the setting, or use another name",
          at: declaredAt(service, `settings.${setting}`),
        };
      }
    }
  },
};
