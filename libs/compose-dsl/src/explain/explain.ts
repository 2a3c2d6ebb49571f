import { joinedFile, stackFile, stacksWithServices } from "../emit/compose-file.ts";
import type { ResolvedEnvironment } from "../resolve/resolved.ts";
import { derivedFrom, type Why } from "../resolve/why.ts";
import { routeExplanations } from "./routes.ts";
import { secretExplanations } from "./secrets.ts";

/** One emitted value, and what put it there. */
export interface Explanation {
  /** `web.environment.LOG_LEVEL`, `networks.traefik--web.internal`, `routes.web.host`; keys with dots stand as they are. */
  readonly path: string;
  readonly value: string | number | boolean | null;
  readonly why: Why;
}

/**
 * Every value that `environment` emits into its Compose files, its routes and its secrets, with its reason.
 * A value is explained by the nearest thing around it that the emitter gave a reason for.
 * @throws Error when the emitter gave none, which a test keeps from happening
 */
export function explainEnvironment(environment: ResolvedEnvironment): readonly Explanation[] {
  const reasons = new Map<string, Why>();
  const routesOf = Map.groupBy(environment.routes, ({ service }) => service);
  const found = new Map<string, Explanation>();
  const add = (explanation: Explanation): void => {
    if (!found.has(explanation.path)) found.set(explanation.path, explanation);
  };
  for (const stack of stacksWithServices(environment)) {
    const file = stackFile(stack, environment, routesOf, (path, why) => reasons.set(keyOf(path), why));
    for (const section of ["services", "networks", "volumes", "secrets"] as const) {
      for (const [name, declaration] of Object.entries(file[section] ?? {})) {
        for (const { path, value } of leaves(declaration, [section, name])) add({ path: shownPath(path), value, why: reasonFor(path, reasons) });
      }
    }
  }
  for (const explanation of [...secretExplanations(environment), ...routeExplanations(environment)]) add(explanation);
  add({ path: "name", value: joinedFile(environment).name ?? "", why: derivedFrom(environment.node.at, "the Compose project is named after the environment") });
  return [...found.values()];
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: Explanation["value"];
}

/** Every scalar below a value; an empty list or mapping counts as an empty text. */
function leaves(value: unknown, path: readonly string[]): readonly Leaf[] {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null) return [{ path, value }];
  if (typeof value !== "object") return [];
  const entries = Object.entries(value);
  return entries.length === 0 ? [{ path, value: "" }] : entries.flatMap(([key, member]) => leaves(member, [...path, key]));
}

/** The reason given for the longest beginning of a path; at least the key below the thing's name must have one. */
function reasonFor(path: readonly string[], reasons: ReadonlyMap<string, Why>): Why {
  // Services are made of many declarations, so no reason is good enough for a whole one.
  const least = path[0] === "services" ? 3 : 2;
  for (let length = path.length; length >= least; length -= 1) {
    const why = reasons.get(keyOf(path.slice(0, length)));
    if (why) return why;
  }
  throw new Error(`nothing was said about where ${path.join(".")} comes from`);
}

const keyOf = (path: readonly string[]): string => path.join("\0");

/** Services are what people ask for most, so their paths begin with their name. */
const shownPath = (path: readonly string[]): string => (path[0] === "services" ? path.slice(1) : path).join(".");
