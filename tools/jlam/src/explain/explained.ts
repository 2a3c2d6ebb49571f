/** Explanations with their places in the sources. */
import { relative } from "node:path";
import type { Explanation, Origin, ResolvedEnvironment } from "@jlam/compose-dsl";
import { defaultRules } from "./default-rule.ts";
import { locate } from "./locate.ts";
import { sourceReader } from "./source-files.ts";

/** One emitted value as `jlam explain` tells it. */
export interface Explained {
  readonly path: string;
  readonly value: Explanation["value"];
  readonly kind: Explanation["why"]["kind"];
  /** One sentence. */
  readonly because: string;
  /** From the repository's root; undefined where no source says it. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** The line itself. */
  readonly text: string;
}

/** Finds the place of each explanation of `environment`; sources are read once for all of them. */
export function placeExplanations(explanations: readonly Explanation[], environment: ResolvedEnvironment, root: string): readonly Explained[] {
  const read = sourceReader();
  const ruleOf = defaultRules(root, read);
  const calls = providerCalls(environment);
  return explanations.map(({ path, value, why: { kind, text, at, field } }): Explained => {
    const shared = { path, value };
    if (!at) {
      const rule = ruleOf(text);
      return { ...shared, kind, because: text, file: rule && relative(root, rule.file), line: rule?.line, text: rule?.text ?? "" };
    }
    const place = locate(at, field, { read, calledAt: calls.get(serviceOf(path)) });
    const found = { file: relative(root, place.file), line: place.line, text: place.text };
    if (place.unwritten !== undefined) return { ...shared, kind: "default", because: `${place.unwritten} is not written there, so its default holds`, ...found };
    return { ...shared, kind, because: text === "declared" && field ? `as ${field}` : text, ...found };
  });
}

/** For services that a provider's function makes: where that function was called. */
function providerCalls({ providers }: ResolvedEnvironment): ReadonlyMap<string, Origin> {
  const calls = new Map<string, Origin>();
  for (const { services, at } of providers.values()) for (const { name } of services) calls.set(name, at);
  return calls;
}

/** Name of the service that a path is about: `web.image`, `secrets.web.SESSION_KEY`. */
function serviceOf(path: string): string {
  const [first = "", second = ""] = path.split(".");
  return first === "secrets" ? second : first;
}
