import type { ComposeHealthcheck, ComposeMount, ComposeService } from "../compose/specification.ts";
import { durationText, literal, sizeText } from "../compose/value.ts";
import type { Health } from "../model/health.ts";
import type { ResolvedEnvironment, ResolvedMount, ResolvedRoute, ResolvedService } from "../resolve/resolved.ts";
import { startedAs, type Colour } from "../resolve/colours.ts";
import { composeLabels } from "../resolve/compose-labels.ts";
import { resolveImage } from "../resolve/images.ts";
import { byDefault, declared, derivedFrom, overridden, type Why } from "../resolve/why.ts";
import { configurationHash } from "./configuration-hash.ts";
import { configurationFolder } from "./host-folders.ts";
import { serviceLabels } from "./labels.ts";
import { noTrace, within, type Trace } from "./trace.ts";

/** Rotated logs: what `docker logs` can show after an incident, without filling the disk. */
const logRotation = { "max-size": "10m", "max-file": "5" } as const;

/** Timing keys of a Compose health check, and what the declaration calls them. */
const healthOptions = [["interval", "interval"], ["timeout", "timeout"], ["retries", "retries"], ["start_period", "startPeriod"], ["start_interval", "startInterval"]] as const;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * One service of a Compose file, complete and hardened. Keys are in the order in which a person reads a service:
 * what runs, what it is told, what it reaches, what it may use, what limits it. `colour` is the colour of a service
 * that is released blue/green, and undefined for all others.
 */
export function composeService(
  service: ResolvedService,
  environment: ResolvedEnvironment,
  routes: readonly ResolvedRoute[],
  colour: Colour | undefined,
  trace: Trace = noTrace,
): ComposeService {
  const { node } = service;
  const out: Mutable<ComposeService> = {};
  const put = <K extends keyof ComposeService>(key: K, value: ComposeService[K], why: Why): void => {
    out[key] = value;
    trace([key], why);
  };
  const own = (field: string, text: string): Why => {
    const override = service.overridden.get(field);
    return override ? overridden(override, field) : node.written.includes(field) ? declared(node.at, field) : byDefault(text);
  };
  const { exceptions } = node;

  const image = colour === undefined ? service.image : resolveImage(node, environment.node, colour);
  put("image", image.value, image.why);
  if (service.profile !== undefined) put("profiles", [service.profile], profileWhy(node));
  if (colour === "green") put("profiles", [colour], derivedFrom(node.at, "a release starts it beside blue, or blue beside it", "release"));
  if (node.entrypoint) put("entrypoint", node.entrypoint.map(literal), declared(node.at, "entrypoint"));
  if (node.command) put("command", node.command.map(literal), declared(node.at, "command"));
  put("user", node.user, own("user", "programs run as 1000:1000 unless they say otherwise"));

  if (service.environment.size > 0) {
    const variables: Record<string, string> = {};
    for (const [name, { value, why }] of service.environment) {
      variables[name] = literal(value);
      trace(["environment", name], why);
    }
    put("environment", variables, declared(node.at, "settings"));
  }
  if (service.secrets.length > 0) {
    put("secrets", service.secrets.map(({ file }) => ({ source: `${service.name}.${file}`, target: file })), declared(node.at, "secrets"));
    for (const [index, { why }] of service.secrets.entries()) trace(["secrets", String(index)], why);
  }
  if (service.mounts.length > 0) {
    const folder = configurationFolder(colour !== undefined, environment.node);
    put("volumes", service.mounts.map((mount) => composeMount(mount, folder)), declared(node.at, "mounts"));
    for (const [index, { path }] of service.mounts.entries()) trace(["volumes", String(index)], declared(node.at, `mounts.${path}`));
  }
  put(
    "tmpfs",
    Object.entries(node.tmpfs).map(([path, size]) => `${path}:size=${sizeText(size.bytes)},mode=1777,noexec,nosuid,nodev`),
    own("tmpfs", "the root file system is read-only, so /tmp is in memory"),
  );
  if (node.sharedMemory) put("shm_size", sizeText(node.sharedMemory.bytes), declared(node.at, "sharedMemory"));

  const networks: Record<string, { readonly aliases?: readonly string[] }> = {};
  for (const { name, aliases, why } of service.networks) {
    const known = colour === undefined ? aliases : colouredAliases(service, name, environment);
    networks[name] = known.length > 0 ? { aliases: known } : {};
    trace(["networks", name], why);
  }
  if (service.networks.length > 0) put("networks", networks, derivedFrom(node.at, "one network for each edge", "connects"));
  else put("network_mode", "none", byDefault("a service without edges has no network"));

  const published = Object.entries(node.publishes).filter(([, host]) => host !== undefined);
  if (published.length > 0) {
    const { address } = environment.node.publishing;
    put(
      "ports",
      published.map(([port, host]) => ({ target: node.ports[port]?.number ?? 0, published: String(host), host_ip: address, protocol: "tcp" })),
      declared(node.at, "publishes"),
    );
  }
  if (service.dependsOn.length > 0) {
    const dependsOn: Record<string, { readonly condition: ResolvedService["dependsOn"][number]["condition"] }> = {};
    for (const { service: other, condition, why } of service.dependsOn) {
      const started = environment.services.get(other);
      const name = started ? startedAs(started.node, environment.node) : other;
      dependsOn[name] = { condition };
      trace(["depends_on", name], why);
    }
    put("depends_on", dependsOn, declared(node.at, "connects"));
  }
  if (node.health) {
    put("healthcheck", composeHealth(node.health, service), declared(node.at, "health"));
    for (const [key, field] of healthOptions) trace(["healthcheck", key], declared(node.at, `health.${field}`));
  } else if (node.kind === "job") {
    put("healthcheck", { disable: true }, byDefault("an image's own check asks for a program that keeps running"));
  }
  put("restart", node.kind === "job" ? "no" : "unless-stopped", byDefault(node.kind === "job" ? "a job runs once" : "what fails is started again"));
  put("stop_grace_period", durationText(node.stopGrace.ms), own("stopGrace", "a program may take 10 s to stop"));

  if (exceptions["read-only-root"] === undefined) put("read_only", true, byDefault("nothing may change its own program"));
  if (exceptions["drop-all-capabilities"] === undefined) put("cap_drop", ["ALL"], byDefault("no program needs what root may do"));
  if (node.capabilities.length > 0) put("cap_add", node.capabilities, declared(node.at, "capabilities"));
  if (exceptions["no-new-privileges"] === undefined) put("security_opt", ["no-new-privileges:true"], byDefault("no program may become more than it started as"));
  const { memory, cpus, pids } = node.resources;
  const { deploy } = node.compose;
  put("deploy", { ...deploy, resources: { ...deploy?.resources, limits: { cpus: String(cpus), memory: sizeText(memory.bytes), pids } } }, own("resources", ""));
  for (const limit of ["memory", "cpus", "pids"] as const) trace(["deploy", "resources", "limits", limit], { ...own("resources", ""), field: `resources.${limit}` });
  put(
    "logging",
    { driver: "json-file", options: { ...logRotation, labels: "nl.jlam.service,nl.jlam.environment" } },
    byDefault("logs are rotated, and carry the labels that the log pipeline reads"),
  );
  const hash = configurationHash(service.mounts);
  put("labels", {
    ...composeLabels(node.compose.labels),
    ...serviceLabels(service, environment, routes, within(trace, "labels")),
    ...(colour !== undefined && { "nl.jlam.colour": colour }),
    ...(hash !== undefined && { "nl.jlam.configuration": hash }),
  }, derivedFrom(node.at, "who owns it, what it holds, how it is reached"));
  if (colour !== undefined) trace(["labels", "nl.jlam.colour"], declared(node.at, "release"));
  if (hash !== undefined) trace(["labels", "nl.jlam.configuration"], derivedFrom(node.at, "changes with its configuration files, so that Compose starts it anew", "mounts"));
  for (const key of Object.keys(node.compose)) if (!(key in out)) trace([key], declared(node.at, `compose.${key}`));
  return { ...node.compose, ...out };
}

const profileWhy = ({ at, standsInFor }: ResolvedService["node"]): Why =>
  standsInFor.length > 0
    ? derivedFrom(at, `runs only where ${standsInFor.join(" and ")} can't`, "standsInFor")
    : derivedFrom(at, "no recipe builds its image: left out where no registry answers", "image");

function composeHealth(health: Health, { node }: ResolvedService): ComposeHealthcheck {
  const { interval, timeout, retries, startPeriod, startInterval } = health.timing;
  return {
    test: ["CMD", ...healthCommand(health, node).map(literal)],
    interval: durationText(interval.ms),
    timeout: durationText(timeout.ms),
    retries,
    start_period: durationText(startPeriod.ms),
    start_interval: durationText(startInterval.ms),
  };
}

function healthCommand(health: Health, { image, ports }: ResolvedService["node"]): readonly string[] {
  switch (health.kind) {
    case "command":
      return health.command;
    case "http":
      return [...(image.probe ?? []), `http://127.0.0.1:${ports[health.port]?.number}${health.path}`];
  }
}

/**
 * Other names of a colour: whoever but the proxy uses the service finds it under its own name, whichever colour runs.
 * The proxy alone tells colours apart.
 */
function colouredAliases({ name }: ResolvedService, network: string, { proxy, networks }: ResolvedEnvironment): readonly string[] {
  const [from, to] = networks.get(network)?.members ?? [];
  return to === name && from !== proxy?.service.name ? [name] : [];
}

function composeMount(mount: ResolvedMount, folder: string): ComposeMount {
  switch (mount.kind) {
    case "volume":
      return { type: "volume", source: mount.volume.name, target: mount.path, ...(mount.volume.readOnly && { read_only: true }) };
    case "host-path":
      return { type: "bind", source: mount.source.path, target: mount.path, read_only: !mount.source.writable };
    case "config-file":
    case "config-directory":
      return { type: "bind", source: `${folder}/${mount.emitted}`, target: mount.path, read_only: true };
  }
}
