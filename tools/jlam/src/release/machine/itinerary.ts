/**
 * What the release machine must know of a release, on its host beside its files: so that whoever finishes, reverts or
 * returns to it needs neither this repository nor a registry.
 */
import {
  colouredImageVariable,
  colours,
  duration,
  imageVariable,
  isColoured,
  networkName,
  outsideNetwork,
  switchFile,
  type EmittedFiles,
  type ResolvedEnvironment,
  type ResolvedService,
} from "@jlam/compose-dsl";
import { z } from "zod";
import { PersonError } from "../../terminal/failure.ts";
import type { Release } from "../record/release.ts";

const routeSchema = z.readonly(z.object({ router: z.string(), host: z.string(), path: z.string() }));

/** A service in two colours. Times in milliseconds. */
const colouredSchema = z.readonly(
  z.object({
    service: z.string(),
    /** Emitted path of the file that the proxy watches and a switch writes. */
    file: z.string(),
    port: z.number(),
    routes: z.readonly(z.array(routeSchema)),
    /** Where a copy says how many requests it is working on, on a network that the host reaches. */
    inFlight: z.readonly(z.object({ gauge: z.string(), port: z.number(), path: z.string() })).nullable(),
    endStreams: z.string().nullable(),
    drain: z.number(),
    /** How long a start may take until its health check says that it is well. */
    startLimit: z.number(),
    objectives: z.readonly(z.object({ availability: z.number().nullable(), p95: z.number().nullable() })),
  }),
);
export type ColouredService = z.infer<typeof colouredSchema>;

const itinerarySchema = z.readonly(
  z.object({
    release: z.string(),
    environment: z.string(),
    coloured: z.readonly(z.array(colouredSchema)),
    /** Services that can't run twice, in groups that may start together, each after the jobs that it waits for. */
    groups: z.readonly(z.array(z.readonly(z.object({ jobs: z.readonly(z.array(z.string())), services: z.readonly(z.array(z.string())), startLimit: z.number() })))),
    /** Which service makes recovery sets, and by which command in its running copy; null: none does. */
    sets: z.readonly(z.object({ service: z.string(), command: z.readonly(z.array(z.string())) })).nullable().default(null),
    /** Why a set is made before this release touches data, as its plan says; empty: it touches none; null: no plan was made. */
    setBecause: z.readonly(z.array(z.string())).nullable().default(null),
    /** Services whose program changes its data for good from one release of it to the next, with the version that it is. */
    forwardOnly: z.readonly(z.array(z.readonly(z.object({ service: z.string(), program: z.string(), version: z.string() })))).default([]),
    /** One-shots before the colours, such as migrations, with what they run where it isn't what they declare. */
    jobs: z.readonly(z.array(z.readonly(z.object({ name: z.string(), command: z.readonly(z.array(z.string())).nullable() })))),
    proxy: z.readonly(z.object({ service: z.string(), network: z.string(), port: z.number(), metrics: z.readonly(z.object({ port: z.number(), path: z.string() })).nullable() })),
    /** Image by the variable that the Compose files read. */
    variables: z.readonly(z.record(z.string(), z.string())),
    /** Every image, by digest. */
    images: z.readonly(z.array(z.string())),
  }),
);
export type Itinerary = z.infer<typeof itinerarySchema>;

/** Its name in a release's folder. */
export const itineraryName = "itinerary.json";

/** @throws ZodError where the file is none */
export const readItinerary = (text: string): Itinerary => itinerarySchema.parse(JSON.parse(text));

/** What the plan of a deploy adds. */
export interface Planned {
  /** Jobs that stop before a step that would take away what the release needs to which a rollback returns. */
  readonly expandOnly?: ReadonlySet<string>;
  /** Why a recovery set is made before; undefined: no plan was made, and nobody knows whether data is touched. */
  readonly setBecause?: readonly string[];
}

/**
 * Works out the itinerary of a release in an environment.
 * @throws PersonError where the release has no digest of an image, or the environment can't be switched
 */
export function itineraryOf(environment: ResolvedEnvironment, release: Release, files: EmittedFiles, { expandOnly = new Set(), setBecause }: Planned = {}): Itinerary {
  const services = [...environment.services.values()].filter(({ profile }) => profile === undefined);
  const image = imageWithDigest(release);
  const proxy = environment.proxy;
  if (!proxy?.forHost) throw new PersonError(`${environment.name} can't be released.`, { why: "Its proxy has no entry point for the host, or its images aren't locked.", fix: "Give it `images: lockedImages(…)` in environment.ts." });
  const coloured = services.filter(({ node }) => isColoured(node, environment.node));
  const waitedFor = (names: readonly ResolvedService[]): ReadonlySet<string> => new Set(names.flatMap(({ dependsOn }) => dependsOn.map(({ service }) => service)));
  const jobsOfColours = waitedFor(coloured);
  const metrics = proxy.service.metrics;
  const released = Object.entries(release.environments[environment.name]?.services ?? {});
  const [sets] = released.flatMap(([service, { makesSets }]) => (makesSets ? [{ service, command: makesSets }] : []));
  return {
    release: release.id,
    environment: environment.name,
    coloured: coloured.map((service) => colouredOf(service, environment, files)),
    groups: groupsOf(services.filter((service) => !coloured.includes(service)), jobsOfColours),
    sets: sets ?? null,
    setBecause: setBecause ?? null,
    forwardOnly: released.flatMap(([service, { upgrade }]) => (upgrade?.path.kind === "one-by-one" ? [{ service, program: upgrade.program, version: upgrade.version }] : [])),
    jobs: services
      .filter(({ name, node }) => node.kind === "job" && jobsOfColours.has(name))
      .map(({ name, node: { command } }) => ({ name, command: expandOnly.has(name) ? [...(command ?? []), expandOnlyOption] : null })),
    proxy: {
      service: proxy.service.name,
      network: networkName(environment, outsideNetwork(proxy.service.name)),
      port: proxy.forHost.port,
      metrics: metrics ? { port: proxy.service.ports[metrics.port]?.number ?? 0, path: metrics.path } : null,
    },
    variables: Object.fromEntries(
      services.flatMap(({ node, ...service }): readonly (readonly [string, string])[] => {
        if (node.image.kind !== "build") return [];
        const reference = image(referenceOf(service.image.value));
        return [[imageVariable(node.image.name), reference], ...colours.map((colour) => [colouredImageVariable(node.image.name, colour), reference] as const)];
      }),
    ),
    images: [...new Set(services.map((service) => image(referenceOf(service.image.value))))].sort(),
  };
}

/** By which a migration is told to stop before its first contract step. */
const expandOnlyOption = "--expand-only";

/** `${JLAM_IMAGE_WEB:-registry/web:release}` and `registry/web:release@sha256:…` are `registry/web:release`. */
const referenceOf = (emitted: string): string => (/^\$\{\w+:-(.*)\}$/.exec(emitted)?.[1] ?? emitted).replace(/@.*$/, "");

const imageWithDigest =
  ({ images, id }: Release) =>
  (reference: string): string => {
    const digest = images[reference];
    if (digest === undefined) throw new PersonError(`Release ${id.slice(0, 12)} has no digest of ${reference}.`, { why: "The model changed since the release was built.", fix: "Build a new release with `jlam release build`." });
    return `${reference}@${digest}`;
  };

function colouredOf({ name, node }: ResolvedService, environment: ResolvedEnvironment, files: EmittedFiles): ColouredService {
  const { release, health, metrics, objectives } = node;
  if (release.kind !== "blue-green") throw new RangeError(`${name} has no colours`);
  const first = files.get(switchFile(name, colours[0]));
  const file = [...files].find(([path, text]) => text === first && path.startsWith("files/"))?.[0];
  if (first === undefined || file === undefined) throw new RangeError(`${name} is in no file of the proxy`);
  const routes = environment.routes.filter(({ service }) => service === name);
  const timing = health?.timing;
  return {
    service: name,
    file,
    port: routes[0]?.port ?? 0,
    routes: routes.map(({ name: router, host, route }) => ({ router, host, path: route.path })),
    inFlight: release.inFlight !== undefined && metrics ? { gauge: release.inFlight, port: node.ports[metrics.port]?.number ?? 0, path: metrics.path } : null,
    endStreams: release.endStreams ?? null,
    drain: release.drain.ms,
    startLimit: timing ? timing.startPeriod.ms + timing.interval.ms * (timing.retries + 1) : 0,
    objectives: { availability: objectives?.availability ?? null, p95: objectives?.latency ? duration(objectives.latency.p95).ms : null },
  };
}

/** Groups in the order of what they wait for. What nothing but a colour waits for is no part of them. */
function groupsOf(services: readonly ResolvedService[], jobsOfColours: ReadonlySet<string>): Itinerary["groups"] {
  const waiting = new Map(services.filter(({ name, node }) => node.kind === "service" || !jobsOfColours.has(name)).map((service) => [service.name, service]));
  const groups: { jobs: string[]; services: string[]; startLimit: number }[] = [];
  while (waiting.size > 0) {
    // Jobs of a group run before its services, so a service may be in the group of the job that it waits for.
    const free = (service: ResolvedService, beside: ReadonlySet<string>): boolean => service.dependsOn.every(({ service: other }) => !waiting.has(other) || beside.has(other));
    const ready = [...waiting.values()].filter((service) => service.node.kind === "job" && free(service, new Set()));
    const readyNames = new Set(ready.map(({ name }) => name));
    const started = [...waiting.values()].filter((service) => service.node.kind === "service" && free(service, readyNames));
    if (ready.length + started.length === 0) throw new RangeError(`${[...waiting.keys()].join(", ")} wait for each other`);
    for (const { name } of [...ready, ...started]) waiting.delete(name);
    const limits = started.map(({ node }) => (node.health ? node.health.timing.startPeriod.ms + node.health.timing.interval.ms * (node.health.timing.retries + 1) : 0));
    groups.push({ jobs: ready.map(({ name }) => name), services: started.map(({ name }) => name), startLimit: Math.max(30_000, ...limits) });
  }
  return groups;
}
