import type { Facts, Item, Picture } from "./picture.ts";

/** What a reviewer must not overlook: protection that is lost, and data that nothing uses any more. */
export interface Loss {
  readonly kind: "protection" | "data";
  /** Service, network, route or volume. */
  readonly name: string;
  readonly text: string;
}

/** Weaknesses that `after` has and `before` hadn't, in services, networks and routes. */
export function lostProtection(before: Picture, after: Picture): readonly Loss[] {
  const losses: Loss[] = [];
  for (const [name, item] of Object.entries(after.services)) {
    const old = before.services[name];
    const known = old ? serviceWeaknesses(old) : [];
    for (const text of serviceWeaknesses(item)) if (!known.includes(text)) losses.push({ kind: "protection", name, text });
  }
  for (const [name, { facets }] of Object.entries(after.networks)) {
    const old = before.networks[name];
    if (old && fact(old.facets["reaches outside"], "") === "no" && fact(facets["reaches outside"], "") === "yes") {
      losses.push({ kind: "protection", name: `network ${name}`, text: "leads outside now" });
    }
  }
  for (const [name, item] of Object.entries(after.routes)) {
    const old = before.routes[name];
    for (const text of old ? routeLosses(old, item) : []) losses.push({ kind: "protection", name: `route ${name}`, text });
  }
  return losses;
}

/** Volumes that nothing mounts any more, and paths that now lie on another volume. `project` is the Compose project's name. */
export function orphanedData(before: Picture, after: Picture, project: string): readonly Loss[] {
  const losses: Loss[] = [];
  for (const [name, { summary }] of Object.entries(before.volumes)) {
    if (!(name in after.volumes)) losses.push({ kind: "data", name: `volume ${name}`, text: `nothing uses it any more; its data (${summary}) stays on the host as ${project}_${name} until somebody removes it` });
  }
  for (const [name, { facets }] of Object.entries(after.services)) {
    const old = before.services[name]?.facets["mounts"] ?? {};
    for (const [path, source] of Object.entries(facets["mounts"] ?? {})) {
      const was = old[path];
      if (typeof was === "string" && was.startsWith("volume ") && was !== source) losses.push({ kind: "data", name, text: `${path} moves from ${was} to ${String(source)}, without its data` });
    }
  }
  return losses;
}

/** What keeps a service from being as closed as every container should be, as predicates of its name. */
function serviceWeaknesses({ facets }: Item): readonly string[] {
  const hardening = facets["hardening"] ?? {};
  const limits = facets["limits"] ?? {};
  const oneShot = fact(facets["labels"], "nl.jlam.one-shot") === "true";
  return [
    ...when(fact(hardening, "read_only") !== "true", "has a writable root file system"),
    ...when(!members(hardening, "cap_drop").includes("ALL"), "keeps Docker's default capabilities"),
    ...members(hardening, "cap_add").map((capability) => `has the capability ${capability}`),
    ...when(!members(hardening, "security_opt").some((option) => option.startsWith("no-new-privileges")), "may gain privileges while it runs"),
    ...when(/^(0|root)?(:|$)/.test(fact(hardening, "user")), "runs as root"),
    ...when(fact(hardening, "privileged") === "true", "is privileged: root on the host"),
    ...["network_mode", "pid", "ipc"].flatMap((key) => when(fact(hardening, key) === "host", `shares the host's ${key === "network_mode" ? "network" : key}`)),
    ...["memory", "cpus", "pids"].flatMap((limit) => when(fact(limits, limit) === "", `has no limit of ${limit}`)),
    ...when(!oneShot && Object.keys(facets["health check"] ?? {}).length === 0, "has no health check"),
    ...Object.entries(facets["mounts"] ?? {}).flatMap(([, source]) => when(typeof source === "string" && source.startsWith("host path "), `sees the ${String(source)}`)),
    ...Object.entries(facets["published ports"] ?? {}).flatMap(([port, address]) => when(typeof address === "string" && !address.startsWith("127."), `publishes its port ${port} beyond this machine, on ${String(address)}`)),
  ];
}

function routeLosses(before: Item, after: Item): readonly string[] {
  const now = members(after.facets["middlewares"], "");
  // A route may replace the edge's middleware by its own, which is named after the route: `auth-rate-limit`.
  const lost = members(before.facets["middlewares"], "").filter((name) => !now.some((other) => other === name || other.endsWith(`-${name}`)));
  return [
    ...lost.map((name) => `no longer passes the middleware ${name}`),
    ...when(fact(before.facets["TLS"], "") !== "off" && fact(after.facets["TLS"], "") === "off", "is served without TLS"),
  ];
}

const when = (condition: boolean, text: string): readonly string[] => (condition ? [text] : []);

const fact = (facts: Facts | undefined, key: string): string => {
  const value = facts?.[key];
  return typeof value === "string" ? value : "";
};

const members = (facts: Facts | undefined, key: string): readonly string[] => {
  const value = facts?.[key];
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
};
