import { nearest } from "../check/nearest.ts";
import { colours } from "../resolve/colours.ts";
import type { Explanation } from "./explain.ts";

export type Found =
  | { readonly kind: "found"; readonly explanations: readonly Explanation[] }
  /** Nothing is there, or too much; `suggestions` are paths that may have been meant, best first. */
  | { readonly kind: "unknown"; readonly suggestions: readonly string[] };

const mostSuggestions = 3;

/**
 * The value at `asked`, or every value below it. Keys may hold dots (`web.labels.nl.jlam.owner`), list members are
 * written `command.0` or `command[0]`, a service may stand below `services`, and keys on the way may be left out where
 * only one path fits (`web.LOG_LEVEL`, `networks.traefik--web.subnet`). Where a service runs in two colours, its own name
 * means the first: what is emitted for both has the same reasons.
 */
export function findExplanations(all: readonly Explanation[], asked: string): Found {
  const known = knownPaths(all);
  const wanted = inFirstColour(known, asked.replace(/^services\./, "").replaceAll(/\[(\d+)\]/g, ".$1").replace(/\.$/, ""));
  const exact = below(all, wanted);
  if (exact.length > 0) return { kind: "found", explanations: exact };
  const fitting = withKeysLeftOut(known, wanted);
  if (fitting.length === 1 && fitting[0] !== undefined) return { kind: "found", explanations: below(all, fitting[0]) };
  const near = nearest(wanted, known);
  return { kind: "unknown", suggestions: [...new Set([...fitting, ...(near === undefined ? [] : [near]), ...longestBeginning(known, wanted)])].slice(0, mostSuggestions) };
}

const below = (all: readonly Explanation[], path: string): readonly Explanation[] => all.filter((explanation) => explanation.path === path || explanation.path.startsWith(`${path}.`));

function inFirstColour(known: readonly string[], path: string): string {
  const [name = "", ...keys] = path.split(".");
  const [first, second] = colours.map((colour) => `${name}-${colour}`);
  return !known.includes(name) && first !== undefined && second !== undefined && known.includes(first) && known.includes(second) ? [first, ...keys].join(".") : path;
}

/** Paths of values and of everything around them. */
function knownPaths(all: readonly Explanation[]): readonly string[] {
  const known = new Set<string>();
  for (const { path } of all) {
    const parts = path.split(".");
    for (let length = 1; length <= parts.length; length += 1) known.add(parts.slice(0, length).join("."));
  }
  return [...known];
}

/** Paths that begin and end as `wanted` does, and have its other keys in between. */
function withKeysLeftOut(known: readonly string[], wanted: string): readonly string[] {
  const parts = wanted.split(".");
  if (parts.length < 2) return [];
  return known.filter((path) => {
    const keys = path.split(".");
    if (keys[0] !== parts[0] || keys.at(-1) !== parts.at(-1)) return false;
    let next = 0;
    for (const key of keys) if (key === parts[next]) next += 1;
    return next === parts.length;
  });
}

/** The longest beginning of `wanted` that exists. */
function longestBeginning(known: readonly string[], wanted: string): readonly string[] {
  const parts = wanted.split(".");
  for (let length = parts.length - 1; length > 0; length -= 1) {
    const beginning = parts.slice(0, length).join(".");
    if (known.includes(beginning)) return [beginning];
  }
  return [];
}
