/** Random models for property tests: sound ones, and ones with every name and number that a person could get wrong. */
import fc from "fast-check";
import {
  blueGreen,
  exec,
  file,
  generated,
  http,
  job,
  json,
  notBackedUp,
  override,
  port,
  recreate,
  route,
  service,
  stack,
  text,
  to,
  volume,
  type Edge,
  type Endpoint,
  type EnvironmentNode,
  type Mount,
  type Route,
  type ServiceNode,
  type Stack,
} from "../index.ts";
import { aDatabase, edge, inContainer, place, program, tool } from "./platform.fixture.ts";

/** A service as data, so that fast-check can shrink it. Numbers point at services declared before it. */
interface ServiceDraft {
  readonly name: string;
  readonly kind: "service" | "job";
  readonly isOwnProgram: boolean;
  readonly port: number;
  readonly health: "http" | "command" | "none";
  readonly connects: readonly number[];
  readonly startsAfter: readonly number[];
  readonly database: "none" | "application" | "owner";
  readonly secret: string;
  readonly setting: readonly [name: string, value: string | number | boolean];
  readonly command: readonly string[] | undefined;
  readonly mount: "none" | "volume" | "file" | "document";
  readonly path: string;
  readonly colours: boolean;
  readonly stack: number;
  readonly overrides: boolean;
  readonly route: { readonly host: string; readonly path: string; readonly priority: number | undefined } | undefined;
}

export interface Draft {
  readonly databases: readonly string[];
  readonly services: readonly ServiceDraft[];
}

interface Names {
  readonly service: fc.Arbitrary<string>;
  readonly variable: fc.Arbitrary<string>;
  readonly host: fc.Arbitrary<string>;
  readonly path: fc.Arbitrary<string>;
  readonly port: fc.Arbitrary<number>;
}

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9]$/);
const soundNames: Names = {
  service: label,
  variable: fc.stringMatching(/^[A-Z][A-Z0-9_]{1,12}$/),
  host: fc.oneof(fc.constant("@"), label),
  path: fc.oneof(fc.constant("/"), fc.stringMatching(/^(\/[a-z0-9.]{1,6}){1,3}$/)),
  port: fc.integer({ min: 1, max: 65_535 }),
};

const nasty = fc.constantFrom("", " ", "-", "a b", "__proto__", "constructor", "toString", "$HOME", "${X}", "`", "a\nb", "\0", "../x", "/", "a/b", "compose", "WEB", "é", "😀", ".", "x".repeat(80), "sign-in", "true", "null", "1e3");
const anything = fc.oneof(label, nasty, fc.string({ unit: "binary", maxLength: 12 }));
const anyNames: Names = {
  service: anything,
  variable: anything,
  host: anything,
  path: fc.oneof(soundNames.path, anything),
  port: fc.oneof(soundNames.port, fc.constantFrom(0, -1, 65_536, 1.5, Number.NaN, Number.POSITIVE_INFINITY)),
};

const rarely = <T>(nastyOne: fc.Arbitrary<T>, soundOne: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: soundOne, weight: 15 }, { arbitrary: nastyOne, weight: 1 });
const mildNames: Names = {
  service: rarely(anyNames.service, soundNames.service),
  variable: rarely(anyNames.variable, soundNames.variable),
  host: rarely(anyNames.host, soundNames.host),
  path: rarely(anyNames.path, soundNames.path),
  port: rarely(anyNames.port, soundNames.port),
};

const draft = (names: Names, mostServices = 12): fc.Arbitrary<Draft> => {
  const earlier = fc.array(fc.nat(), { maxLength: 3 });
  const one = fc.record<ServiceDraft>({
    name: names.service,
    kind: fc.constantFrom("service", "service", "service", "job"),
    isOwnProgram: fc.boolean(),
    port: names.port,
    health: fc.constantFrom("http", "command", "none"),
    connects: earlier,
    startsAfter: earlier,
    database: fc.constantFrom("none", "application", "owner"),
    secret: names.variable,
    setting: fc.tuple(names.variable, fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constantFrom("$HOME", "$$", "a: b", "yes", "1.10", "- x", "#"))),
    command: fc.option(fc.array(fc.oneof(fc.string(), nasty), { maxLength: 3 }), { nil: undefined }),
    mount: fc.constantFrom("none", "volume", "file", "document"),
    path: names.path,
    colours: fc.boolean(),
    stack: fc.nat({ max: 2 }),
    overrides: fc.boolean(),
    route: fc.option(fc.record({ host: names.host, path: names.path, priority: fc.option(fc.integer({ min: -1, max: 100_001 }), { nil: undefined }) }), { nil: undefined }),
  });
  return fc.record({ databases: fc.uniqueArray(names.service, { maxLength: 2 }), services: fc.array(one, { maxLength: mostServices }) });
};

/** Models that a careful person could write: names and paths are right, what is referred to comes before. */
export const soundDraft: fc.Arbitrary<Draft> = draft(soundNames).map(({ databases, services }) => ({
  databases,
  services: [...new Map(services.map((one) => [one.name, one])).values()],
}));

/** Models in which any name, path or number may be anything. */
export const anyDraft: fc.Arbitrary<Draft> = draft(anyNames);

/** Small models with a nasty name here and there, so that the checks have to decide. */
export const mildDraft: fc.Arbitrary<Draft> = draft(mildNames, 3);

/** The environment that a draft describes, built by the model's own functions. */
export function build({ databases, services }: Draft): EnvironmentNode {
  const resources = databases.map(aDatabase);
  const built: ServiceNode[] = [];
  const routes: Route[] = [];
  for (const one of services) {
    const node = nodeOf(one, resources, built);
    built.push(node);
    const endpoint = node.ports["main"];
    if (endpoint && one.route) routes.push(route(endpoint, { host: one.route.host, path: slashed(one.route.path), ...(one.route.priority !== undefined && { priority: one.route.priority }) }));
  }
  const stacks = [0, 1, 2].map((number): Stack => stack(`stack-${number}`, { services: built.filter((_, index) => services[index]?.stack === number) }));
  return place({
    door: [edge, ...stacks],
    routes,
    provides: resources.map(inContainer),
    overrides: built.filter((_, index) => services[index]?.overrides === true).map((node) => override(node, { resources: { memory: "96M", cpus: 0.5 }, settings: { LOG_LEVEL: "debug" } })),
  });
}

const slashed = (path: string): `/${string}` => `/${path.replace(/^\//, "")}`;
const pick = <T>(from: readonly T[], numbers: readonly number[]): readonly T[] =>
  from.length === 0 ? [] : [...new Set(numbers.map((number) => number % from.length))].flatMap((index) => from[index] ?? []);

function nodeOf(one: ServiceDraft, databases: readonly ReturnType<typeof aDatabase<string>>[], earlier: readonly ServiceNode[]): ServiceNode {
  const [database] = databases;
  const mount: Readonly<Record<`/${string}`, Mount>> =
    one.mount === "none"
      ? {}
      : {
          [slashed(one.path)]:
            one.mount === "volume" ? volume(`${one.name}-data`, { holds: "no-personal-data", backup: notBackedUp("random") }) : one.mount === "file" ? text(one.name) : json({ name: one.name, port: one.port }),
        };
  const connects: Readonly<Record<string, Endpoint | Edge>> = {
    ...Object.fromEntries(pick(earlier, one.connects).flatMap((target) => Object.values(target.ports).map((endpoint) => [target.name, endpoint]))),
    ...(database && one.database !== "none" && { database: to(database, { as: one.database }) }),
  };
  const common = {
    owner: "platform",
    image: one.isOwnProgram ? program : tool,
    resources: { memory: "64M", cpus: 0.25 },
    connects,
    startsAfter: pick(earlier, one.startsAfter).flatMap((target): readonly ServiceNode["startsAfter"][number][] => {
      if (target.kind === "job") return [{ kind: "job-completed", service: target.name }];
      return target.health ? [{ kind: "service-healthy", service: target.name }] : [];
    }),
    secrets: { [one.secret]: generated({ bytes: 32 }) },
    mounts: mount,
    ...(one.command && { command: one.command }),
  } as const;
  const settings = { [one.setting[0]]: one.setting[1], KEY_FILE: file(one.secret) };
  if (one.kind === "job") return job(one.name, { ...common, settings });
  const health = one.health === "none" ? undefined : one.health === "http" ? http("main", "/") : exec(["true"]);
  return service(one.name, {
    ...common,
    ports: { main: one.port },
    settings: { ...settings, PORT: port("main") },
    release: one.colours ? blueGreen({ drain: "5s" }) : recreate,
    ...(health && { health }),
  });
}
