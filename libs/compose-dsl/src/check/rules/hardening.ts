import type { HardeningRule } from "../../model/hardening.ts";
import type { ServiceNode } from "../../model/service.ts";
import type { ResolvedEnvironment } from "../../resolve/resolved.ts";
import type { Finding, Rule } from "../rule.ts";
import { kept } from "./data.ts";

/** A rule that `exceptions` can waive: fires where `broken` says what is wrong and no exception is declared. */
const hardening = (options: {
  readonly name: string;
  readonly waiver: HardeningRule;
  readonly why: string;
  readonly broken: (node: ServiceNode) => string | undefined;
  readonly fix: string;
}): Rule => ({
  name: options.name,
  severity: "error",
  why: options.why,
  *check({ services }: ResolvedEnvironment): Iterable<Finding> {
    for (const { name, node } of services.values()) {
      const message = node.exceptions[options.waiver] === undefined ? options.broken(node) : undefined;
      if (message === undefined) continue;
      yield { subject: name, message, fix: `${options.fix}, or say why it can't: \`exceptions: { "${options.waiver}": "…" }\``, at: node.at };
    }
  },
});

/** Root by number; a `user` from the escape hatch never counts, because the model's wins. */
export const root: Rule = hardening({
  name: "root",
  waiver: "non-root",
  why: "root in a container is root on the host when anything goes wrong between them",
  broken: ({ name, user }) => (Number(user.split(":")[0]) === 0 ? `"${name}" runs as root` : undefined),
  fix: 'give it a user: `user: "1000:1000"`',
});

export const writableRoot: Rule = hardening({
  name: "writable-root",
  waiver: "read-only-root",
  why: "whoever gets into a program must not be able to change it",
  broken: ({ name, compose }) => (compose.read_only === false ? `"${name}" asks for a writable root file system through compose.read_only` : undefined),
  fix: "name the folders that it writes: a volume in `mounts`, or memory in `tmpfs`",
});

export const allCapabilities: Rule = hardening({
  name: "all-capabilities",
  waiver: "drop-all-capabilities",
  why: "capabilities are parts of root's power; all of them are root",
  broken: ({ name, capabilities, compose }) =>
    capabilities.some((capability) => capability.toUpperCase().replace(/^CAP_/, "") === "ALL")
      ? `"${name}" keeps all capabilities`
      : compose.privileged === true
        ? `"${name}" is privileged through compose.privileged`
        : undefined,
  fix: "name the few that it needs in `capabilities`",
});

export const hostPaths: Rule = hardening({
  name: "host-path",
  waiver: "no-host-path",
  why: "a path of the host leads out of the container, and differs between machines",
  broken: ({ name, mounts }) => {
    const paths = Object.values(mounts).flatMap((mount) => (mount.kind === "host-path" ? [mount.path] : []));
    return paths.length > 0 ? `"${name}" mounts ${paths.join(", ")} of the host` : undefined;
  },
  fix: "use a volume or a file of the model",
});

export const healthCheck: Rule = hardening({
  name: "health-check",
  waiver: "health-check",
  why: "nobody can wait for it, and a program that hangs is taken for one that works",
  broken: ({ name, kind, health }) => (kind === "service" && !health ? `"${name}" has no health check` : undefined),
  fix: 'declare `health`, such as `http("http", "/health")`',
});

export const emptyReason: Rule = {
  name: "empty-reason",
  severity: "error",
  why: "an exception is accepted for its reason; without one nobody can judge it",
  *check(environment) {
    const { services, edges, routes } = environment;
    const fix = "say why, in a sentence that a reviewer can judge";
    const empty = (reason: string | undefined): boolean => reason !== undefined && reason.trim() === "";
    for (const { name, node } of services.values()) {
      for (const [rule, reason] of Object.entries(node.exceptions)) {
        if (empty(reason)) yield { subject: `${name} ${rule}`, message: `"${name}" has an exception from "${rule}" without a reason`, fix, at: node.at };
      }
      for (const mount of Object.values(node.mounts)) {
        if (mount.kind === "host-path" && empty(mount.because)) yield { subject: `${name} ${mount.path}`, message: `the host's path ${mount.path} is mounted without a reason`, fix, at: mount.at };
      }
      if (empty(node.reachesOutside)) yield { subject: `${name} reachesOutside`, message: `"${name}" reaches addresses outside without a reason`, fix, at: node.at };
    }
    for (const { what, name, backup, at } of kept(environment)) {
      if (backup?.kind === "none" && empty(backup.reason)) yield { subject: name, message: `${what} "${name}" is not backed up, without a reason`, fix, at };
    }
    for (const { from, edge, connection } of edges) {
      if (empty(edge.because)) yield { subject: `${from.name} ${connection}`, message: `the connection "${connection}" of "${from.name}" has an empty reason`, fix, at: edge.at };
    }
    for (const { route, name } of routes) {
      if (empty(route.openBecause)) yield { subject: name, message: `the route "${name}" is open to everybody without a reason`, fix, at: route.at };
    }
  },
};
