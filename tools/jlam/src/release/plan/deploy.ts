/** What a deploy will do, worked out from the release that runs and the one that comes. Pure. */
import { diffFiles, type EnvironmentDiff, type Loss } from "@jlam/compose-dsl";
import { migrationMode, stepsHeldBack, stepsToExpand } from "../gates/migrations.ts";
import type { GeneratedFiles } from "../record/archive.ts";
import type { Release, ReleasedEnvironment, ReleasedService, SchemaContract, SchemaStep } from "../record/release.ts";
import { sealPlan, type Blocker, type Plan, type PlannedAction } from "./plan.ts";
import { setBefore } from "./set.ts";
import { changeInWords, neverAccepted, upgradeBlockers, versionChanges, type Reached, type VersionChange } from "./upgrades.ts";

/** A release with the files that it brings to the environment. */
export interface ReleaseWithFiles {
  readonly release: Release;
  readonly files: GeneratedFiles;
}

export interface PlanInput {
  readonly environment: string;
  /** What runs; undefined on an empty host. */
  readonly from: ReleaseWithFiles | undefined;
  readonly to: ReleaseWithFiles;
  /** Blockers that whoever deploys accepts, as `<code>:<subject>`. */
  readonly accept?: readonly string[];
  /** Contract steps that were applied in the environment, by application. */
  readonly applied?: Readonly<Record<string, readonly SchemaStep[]>>;
  /** Versions that data was brought to by a deploy that doesn't serve any more. */
  readonly reached?: Reached;
}

/**
 * How long a container that is replaced is away beside its stopping, in milliseconds: it must start and be found
 * healthy. Programs of this platform take 1 to 12 s; this is generous.
 */
const startMs = 15_000;

/** The plan of a deploy: the same input gives the same plan, and so the same hash. */
export function planDeploy({ environment, from, to, accept = [], applied = {}, reached = {} }: PlanInput): Plan {
  const before = from?.release.environments[environment];
  const after = to.release.environments[environment];
  if (!after) throw new RangeError(`the release has nothing for ${environment}`);
  const diff = diffFiles({ title: "before", files: from?.files ?? new Map() }, { title: "after", files: to.files });
  const versions = versionChanges(before, after, reached);
  const change: Change = { environment, from, to, before, after, diff, changed: changedServices(diff, before, after, versions), applied, versions };
  const set = setBefore({ ...change, changed: change.changed.keys(), contracted: contractions(change) });
  const touched = services(change);
  const blockers = [...blockersOf(change, set.length > 0), ...upgradeBlockers(versions, after, touched.filter((action) => isApplication(action, after)).map(({ subject }) => subject))];
  const isAccepted = ({ code, subject }: Blocker): boolean => !neverAccepted.has(code) && accept.includes(`${code}:${subject}`);
  return sealPlan({
    environment,
    from: from?.release.id ?? null,
    to: to.release.id,
    actions: [...set, ...creations(diff), ...touched, ...changedNetworks(change), ...reloads(change), ...removals(change)],
    blockers: blockers.filter((blocker) => !isAccepted(blocker)),
    accepted: blockers.filter(isAccepted),
  });
}

interface Change {
  readonly environment: string;
  readonly from: ReleaseWithFiles | undefined;
  readonly to: ReleaseWithFiles;
  readonly before: ReleasedEnvironment | undefined;
  readonly after: ReleasedEnvironment;
  readonly diff: EnvironmentDiff;
  /** Services that must be made anew, with why. */
  readonly changed: ReadonlyMap<string, readonly string[]>;
  readonly applied: Readonly<Record<string, readonly SchemaStep[]>>;
  readonly versions: readonly VersionChange[];
}

/** Services whose container would be another one: another image, or another definition. */
function changedServices(diff: EnvironmentDiff, before: ReleasedEnvironment | undefined, after: ReleasedEnvironment, versions: readonly VersionChange[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  // Start order and profiles alone are no reason: the release starts in its own order.
  const recreated = new Set(diff.recreated.filter(({ by }) => by === "every-compose").map(({ service }) => service));
  for (const [name, service] of Object.entries(after.services)) {
    const was = before?.services[name];
    if (!was) continue;
    const image = was.image === service.image ? [] : [`image ${was.image} → ${service.image}`];
    const facts = recreated.has(name) ? definitionChanges(diff, name) : [];
    const version = versions.filter(({ service: changed }) => changed === name).map(changeInWords);
    if (image.length + facts.length + version.length > 0) found.set(name, [...image, ...version, ...facts]);
  }
  return found;
}

function definitionChanges(diff: EnvironmentDiff, name: string): readonly string[] {
  const changes = diff.sections.services.changed.find((changed) => changed.name === name)?.changes ?? [];
  const facets = [...new Set(changes.filter(({ facet }) => facet !== "image").map(({ facet, key }) => [facet, key].filter((word) => word !== "").join(" ")))];
  if (facets.length > 0) return facets.map((facet) => `${facet} changed`);
  return changes.length > 0 ? [] : ["its definition changed"];
}

/** Services in the order in which they are touched: schema first, what others need next, then what people see. */
function services(change: Change): readonly PlannedAction[] {
  const { before, after, changed } = change;
  const touched = Object.entries(after.services).flatMap(([name, service]) => {
    const because = before?.services[name] ? changed.get(name) : ["it is new"];
    if (because !== undefined) return [serviceAction(name, service, because, change)];
    // Jobs of schemas run with every release, so that a step that waited is due even where nothing else of it changed.
    const migration = migrationOf(name, service, [], change);
    return migration?.kind === "migrate" ? [migration] : [];
  });
  const order: readonly PlannedAction["kind"][] = ["migrate", "run", "start", "recreate", "blue-green"];
  return touched.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

function serviceAction(name: string, service: ReleasedService, because: readonly string[], change: Change): PlannedAction {
  const base = { subject: name, because, data: dataOf(service) };
  const migration = migrationOf(name, service, because, change);
  if (migration) return migration;
  if (service.takeover.kind === "one-shot") return { ...base, kind: "run", routes: [], interruptionMs: 0, risk: "low" };
  if (!change.before?.services[name]) return { ...base, kind: "start", routes: service.routes, interruptionMs: 0, risk: "low" };
  if (service.takeover.kind === "blue-green") return { ...base, kind: "blue-green", routes: service.routes, interruptionMs: 0, risk: "low" };
  return {
    ...base,
    kind: "recreate",
    routes: routesThrough([name], change.after),
    interruptionMs: service.stopGraceMs + startMs,
    risk: service.volumes.length > 0 ? "high" : "medium",
  };
}

/** The job of a schema, where the release brings steps that the database doesn't have. */
function migrationOf(name: string, service: ReleasedService, because: readonly string[], change: Change): PlannedAction | undefined {
  const schema = Object.entries(change.to.release.schemas).find(([, { job }]) => job === name);
  if (!schema) return undefined;
  const [application, contract] = schema;
  const known = change.from?.release.schemas[application];
  const expand = stepsToExpand(contract, known);
  const held = stepsHeldBack(contract, known);
  const contracted = contractedSteps(application, contract, change);
  const words = [
    ...expand.map(({ number, name: step }) => `step ${number} (${step}) adds to the schema of ${contract.database}`),
    ...contracted.map((step) => `${contractionInWords(step, contract)}${known === undefined ? "" : ", which the release that a rollback returns to doesn't need"}`),
    ...held.map(({ number, name: step }) => `step ${number} (${step}) waits: the release before it may still need what it takes away`),
  ];
  if (expand.length + contracted.length === 0) return { kind: "run", subject: name, because: [...because, ...words], routes: [], interruptionMs: 0, data: dataOf(service), risk: "low" };
  return { kind: "migrate", subject: name, because: words, routes: [], interruptionMs: 0, data: [contract.database, ...dataOf(service)], risk: "high" };
}

/**
 * Contract steps that are applied: what the release before held back, once it knows the steps itself. Nothing that a
 * rollback returns to needs the old shape then.
 */
function contractedSteps(application: string, contract: SchemaContract, { from, applied }: Change): readonly SchemaStep[] {
  if (migrationMode(contract, from?.release.schemas[application]) !== "all") return [];
  const done = new Set((applied[application] ?? []).map(({ number }) => number));
  return contract.steps.filter(({ number, phase }) => phase === "contract" && !done.has(number));
}

const contractionInWords = ({ number, name }: SchemaStep, { database }: SchemaContract): string => `step ${number} (${name}) takes away from the schema of ${database}`;

/** Everything that is taken away from schemas, in words. */
const contractions = (change: Change): readonly string[] =>
  Object.entries(change.to.release.schemas).flatMap(([application, contract]) => contractedSteps(application, contract, change).map((step) => contractionInWords(step, contract)));

/** Whether an action changes what people visit: a service with addresses of its own, or its schema. */
const isApplication = ({ kind, subject }: PlannedAction, { services: all }: ReleasedEnvironment): boolean => kind === "migrate" || (all[subject]?.routes.length ?? 0) > 0;

const dataOf = ({ holds }: ReleasedService): readonly string[] => (holds === "no-personal-data" ? [] : [holds]);

/** Addresses that lead to these services, or to whatever uses them. */
const routesThrough = (names: readonly string[], { services: all }: ReleasedEnvironment): readonly string[] =>
  [...new Set(names.flatMap((name) => [name, ...(all[name]?.usedBy ?? [])]).flatMap((name) => all[name]?.routes ?? []))].sort();

const quiet = { routes: [], interruptionMs: 0, data: [], risk: "none" } as const;

const creations = ({ sections }: EnvironmentDiff): readonly PlannedAction[] => [
  ...sections.networks.added.map(({ name, summary }): PlannedAction => ({ kind: "create", subject: `network ${name}`, because: [summary === "" ? "it is new" : `it is new: ${summary}`], ...quiet })),
  ...sections.volumes.added.map(({ name, summary }): PlannedAction => ({ kind: "create", subject: `volume ${name}`, because: ["it is new"], ...quiet, data: summary === "no-personal-data" ? [] : [summary] })),
];

/** A network whose definition changed can only be made anew, without its members. */
const changedNetworks = ({ diff, after }: Change): readonly PlannedAction[] =>
  diff.changedNetworks.map(({ network, members }) => ({
    kind: "recreate",
    subject: `network ${network}`,
    because: ["its definition changed; it is made anew, and its members leave it for that time"],
    routes: routesThrough(members, after),
    interruptionMs: startMs,
    data: [],
    risk: "medium",
  }));

/** Configuration that running programs take up by themselves: the proxy's routes and middlewares, and watched folders. */
function reloads({ diff, after, changed, before }: Change): readonly PlannedAction[] {
  if (!before) return [];
  const folders = diff.sections.services.changed.flatMap(({ name, changes }): readonly PlannedAction[] => {
    const files = changes.filter(({ facet }) => facet === "configuration").map(({ key }) => `${key} changed`);
    const service = after.services[name];
    return files.length === 0 || changed.has(name) || !service ? [] : [{ kind: "reload", subject: name, because: files, routes: service.routes, interruptionMs: 0, data: dataOf(service), risk: "low" }];
  });
  const { routes, middlewares } = diff.sections;
  const rerouted = [
    ...routes.added.map(({ summary }) => `new route ${summary}`),
    ...routes.changed.map(({ name }) => `route ${name} changed`),
    ...middlewares.added.map(({ name }) => `new middleware ${name}`),
    ...middlewares.changed.map(({ name }) => `middleware ${name} changed`),
    ...middlewares.removed.map(({ name }) => `middleware ${name} is gone`),
  ];
  if (rerouted.length === 0) return folders;
  const everywhere = middlewares.added.length + middlewares.changed.length + middlewares.removed.length > 0;
  const touched = everywhere ? Object.values(after.services).flatMap((service) => service.routes) : routes.changed.flatMap(({ name }) => routesNamed(name, after));
  return [...folders, { kind: "reload", subject: "routing", because: rerouted, routes: [...new Set(touched)].sort(), interruptionMs: 0, data: [], risk: "medium" }];
}

const routesNamed = (route: string, { smoke }: ReleasedEnvironment): readonly string[] => [...new Set(smoke.flatMap((check) => (check.route === route && check.kind === "tls" ? [check.url] : [])))];

/** What is no longer declared, told with the addresses that stop to answer. */
function removals({ diff, before }: Change): readonly PlannedAction[] {
  const gone = diff.sections.routes.removed.map(({ name, summary }): PlannedAction => ({ kind: "remove", subject: `route ${name}`, because: ["it is no longer declared"], routes: [summary.split(" → ")[0] ?? summary], interruptionMs: 0, data: [], risk: "medium" }));
  const stopped = diff.sections.services.removed.map(({ name }): PlannedAction => {
    const service = before?.services[name];
    return { kind: "remove", subject: name, because: ["it is no longer declared"], routes: [], interruptionMs: 0, data: service ? dataOf(service) : [], risk: (service?.volumes.length ?? 0) > 0 ? "high" : "medium" };
  });
  const networks = diff.sections.networks.removed.map(({ name }): PlannedAction => ({ kind: "remove", subject: `network ${name}`, because: ["no edge uses it any more"], ...quiet }));
  return [...gone, ...stopped, ...networks];
}

function blockersOf({ diff, before, after, changed }: Change, isSetMade: boolean): readonly Blocker[] {
  if (!before) return [];
  const stateful = [...changed.keys()].flatMap((name): readonly Blocker[] => {
    const volumes = after.services[name]?.volumes ?? [];
    if (volumes.length === 0 || after.services[name]?.takeover.kind === "one-shot") return [];
    return [{ code: "stateful-recreate", subject: name, message: `${name} keeps data in ${volumes.join(", ")} and would be stopped and made anew: ${(changed.get(name) ?? []).join(", ")}`, fix: `${isSetMade ? "A recovery set is made first. Choose" : "Take a backup set, choose"} a quiet moment, and accept it: --accept stateful-recreate:${name}` }];
  });
  const lost = new Map<string, Blocker>();
  for (const loss of diff.losses.filter(({ name }) => !isNew(name, diff))) {
    const blocker = lossBlocker(loss, lost);
    lost.set(`${blocker.code}:${blocker.subject}`, blocker);
  }
  return [...stateful, ...lost.values()];
}

/** Losses of one subject are accepted together, and told together. */
function lossBlocker({ kind, name, text }: Loss, known: ReadonlyMap<string, Blocker>): Blocker {
  const code = kind === "protection" ? "lost-protection" : "lost-data";
  const subject = name.replace(" ", "-");
  const before = known.get(`${code}:${subject}`);
  return { code, subject, message: before ? `${before.message}; ${text}` : `${name} ${text}`, fix: `Undo it, or accept it where it is meant: --accept ${code}:${subject}` };
}

/** A service that wasn't there has lost nothing: what it may do was reviewed with it. */
const isNew = (name: string, { sections }: EnvironmentDiff): boolean => sections.services.added.some((added) => added.name === name);
