import type { Change, SectionDiff } from "./compare.ts";
import { differs, isSame, type EnvironmentDiff } from "./diff.ts";
import { sections, type Fact, type SectionName } from "./picture.ts";

/** Longest value that a line shows whole, in characters. */
const longestValue = 100;
/** Lines of a changed file that are shown of each side; a reader who wants all has the file. */
const shownLines = 3;

const singular: Readonly<Record<string, string>> = {
  settings: "setting",
  secrets: "secret",
  networks: "network",
  mounts: "mount",
  limits: "limit",
  labels: "label",
  configuration: "file",
  "published ports": "published port",
  "memory file systems": "memory file system",
};

/** A difference as lines for people: losses first, then by kind of thing, each in words. */
export function diffInWords(diff: EnvironmentDiff): readonly string[] {
  const title = `${diff.before} → ${diff.after}`;
  const must = diff.expected.map((change) => `${change.key} ${arrow(change)}`);
  const same = sections.filter((section) => diff.sections[section].same > 0).map((section) => count(diff.sections[section].same, section.slice(0, -1)));
  if (!differs(diff)) return [title, "", ...(must.length > 0 ? ["They differ only where two environments must:", ...must.map((line) => `  ${line}`)] : ["Nothing differs."]), ...(same.length > 0 ? ["", `The same: ${same.join(", ")}.`] : [])];
  return [
    title,
    ...group("Look twice", diff.losses.map(({ kind, name, text }) => `! ${kind === "data" ? "DATA " : ""}${name} ${text}`)),
    ...group("Must differ", must),
    ...group("Environment", diff.environment.map((change) => `${change.key}: ${arrow(change)}`)),
    ...sections.flatMap((section) => group(capital(section), sectionLines(section, diff))),
    ...group("Compose makes anew", recreationLines(diff)),
    ...group(
      "Networks that newer Compose makes anew, restarting who is on them; 2.26 leaves them as they are until `down`",
      diff.changedNetworks.map(({ network, members }) => `${network}: ${members.join(", ")}`),
    ),
    ...(same.length > 0 ? ["", `The same: ${same.join(", ")}.`] : []),
  ];
}

const group = (title: string, lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)]);

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function sectionLines(section: SectionName, diff: EnvironmentDiff): readonly string[] {
  const compared = diff.sections[section];
  if (isSame(compared)) return [];
  const named = ({ name, summary }: { readonly name: string; readonly summary: string }): string => (summary === "" ? name : `${name} (${summary})`);
  return [...compared.added.map((item) => `+ ${named(item)}`), ...compared.removed.map((item) => `− ${named(item)}`), ...changedLines(compared)];
}

/** Things that changed alike are told once. */
function changedLines({ changed }: SectionDiff): readonly string[] {
  const alike = Map.groupBy(changed, ({ changes }) => JSON.stringify(changes));
  return [...alike.values()].flatMap((items) => [
    `~ ${items.map(({ name }) => name).join(", ")}`,
    ...(items[0]?.changes ?? []).flatMap(changeLines).map((line) => `    ${line}`),
  ]);
}

function changeLines(change: Change): readonly string[] {
  const { facet, key, before, after } = change;
  const what = [singular[facet] ?? facet, key].filter((word) => word !== "").join(" ");
  if (facet === "configuration" && typeof before !== "string" && typeof after !== "string" && before && after) {
    return [`${what}: ${count(before.length, "line")} removed, ${after.length} added`, ...excerpt("−", before), ...excerpt("+", after)];
  }
  if (before === undefined) return [`${what} added${valueOf(facet, after)}`];
  if (after === undefined) return [`${what} removed${valueOf(facet, before)}`];
  return [`${what}: ${arrow(change)}`];
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

const excerpt = (sign: string, lines: readonly string[]): readonly string[] => [
  ...lines.slice(0, shownLines).map((line) => `  ${sign} ${short(line.trim())}`),
  ...(lines.length > shownLines ? [`  ${sign} … ${lines.length - shownLines} more`] : []),
];

function valueOf(facet: string, fact: Fact | undefined): string {
  if (facet === "configuration" && typeof fact === "object") return `, ${count(fact.length, "line")}`;
  const text = factText(fact);
  return text === "" ? "" : `: ${text}`;
}

/** `a → b`; for lists what is gone and what is new. */
function arrow({ before, after }: Change): string {
  if (before === undefined) return `added, ${factText(after)}`;
  if (after === undefined) return `removed, was ${factText(before)}`;
  if (typeof before === "string" && typeof after === "string") return `${shown(before)} → ${shown(after)}`;
  if (asList(before).toSorted().join("\n") === asList(after).toSorted().join("\n")) return `in another order: ${factText(after)}`;
  return [before.length > 0 ? `without ${factText(before)}` : "", after.length > 0 ? `with ${factText(after)}` : ""].filter((part) => part !== "").join(", ");
}

const asList = (fact: Fact): readonly string[] => (typeof fact === "string" ? [fact] : fact);
const shown = (text: string): string => (text === "" ? "nothing" : short(text));
const factText = (fact: Fact | undefined): string => (fact === undefined ? "" : short(typeof fact === "string" ? fact : fact.join(" ")));
const short = (text: string): string => (text.length <= longestValue ? text : `${text.slice(0, longestValue - 1)}…`);

function recreationLines({ recreated, sections: { services } }: EnvironmentDiff): readonly string[] {
  return recreated.map(({ service, by }) => {
    const changes = services.changed.find(({ name }) => name === service)?.changes ?? [];
    const facets = [...new Set(changes.map(({ facet }) => facet))];
    const because = facets.length > 0 ? `its ${facets.join(", ")} changed` : "labels of its routes, or the order of a list, changed";
    return by === "every-compose" ? `${service}: ${because}` : `${service}: ${because} (Compose 2.26 only; newer ones leave it running)`;
  });
}
