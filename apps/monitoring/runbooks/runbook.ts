/** A page for each alert: what it means, what to do first, how to tell that it is over. */
import type { Severity } from "@jlam/compose-dsl";
import type { Definition, Place, Provocation } from "../alerts/definition.ts";
import { inWords } from "../alerts/threshold.ts";
import type { Watched } from "../watched/watched.ts";

/** What stands below it was written by people and is never touched. */
export const handWritten = "<!-- What stands below this line is written by hand, and survives when the page is made again. -->";

const nothingYet = "\n## What we learnt\n\nNothing yet. After each time that it fired, write here what it was and what helped.\n";

/** Who is told, and what happens when nobody answers. */
const escalation: Readonly<Record<Severity, string>> = {
  P1: "Whoever is on call is woken at once, at any hour. After 15 minutes without progress call the second person, after 30 the one who decides about a restore. When personal data may be involved, tell the data protection officer the same day: the authority must hear of a leak within 72 hours (GDPR, article 33).",
  P2: "Told on working days between 9 and 17 o'clock (Europe/Amsterdam). Whoever sees it first says so in the channel and takes it. When it lasts until the evening, decide whether it may wait for the night.",
  P3: "Stands in the mail of the morning. Make a ticket, or decide that it needs none.",
};

function provocation(provoke: Provocation): string {
  switch (provoke.how) {
    case "fault":
      return `To see it fire on a stack: ${provoke.fault}.`;
    case "always":
      return "It always fires; it stops when Prometheus does.";
    case "unproven":
      return `Not fired on a real stack: ${provoke.because}. A unit test fires its rule.`;
  }
}

/** Environments in which the alert has rules, the gravest first: production's names are what people look for at night. */
const inOrder = (environments: readonly Watched[]): readonly Watched[] => {
  const rank = ["production", "staging", "local", "ci"];
  const place = ({ environment }: Watched): number => (rank.includes(environment) ? rank.indexOf(environment) : rank.length);
  return environments.toSorted((a, b) => place(a) - place(b));
};

const servicesIn = ({ about }: Definition, watched: Watched): readonly string[] =>
  [...new Set(about ? about(watched) : watched.parts.filter(({ kind }) => kind === "service").map(({ name }) => name))].sort();

function facts({ severity, category, threshold, for: holds, dashboard }: Definition, [first]: readonly Watched[]): readonly string[] {
  return [
    `| severity | ${severity} |`,
    `| about | ${category} |`,
    ...(threshold ? [`| limit | ${inWords(threshold)} |`] : []),
    `| must hold for | ${holds === "0s" ? "no time: it fires at once" : holds} |`,
    `| dashboard | ${first ? `${first.grafana}/d/${dashboard}` : dashboard} |`,
  ];
}

/** Everything of a page that follows from the model. */
function generatedPart(definition: Definition, environments: readonly Watched[]): string {
  const where = inOrder(environments);
  const place: Place = { environment: where[0]?.environment ?? "production", service: where.flatMap((watched) => servicesIn(definition, watched))[0] ?? "prometheus" };
  const subjects = where.map((watched) => `| ${watched.environment} | ${servicesIn(definition, watched).join(", ") || "none"} |`);
  const rule = where.flatMap((watched) => definition.when(watched))[0];
  return [
    `# ${definition.name}`,
    "",
    "<!-- Made from the model by `jlam monitoring runbooks`; edit apps/monitoring/alerts instead, or write below the line at the end. -->",
    "",
    `**${definition.summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, "‹$1›").replaceAll(/\{\{ \$value[^}]*\}\}/g, "‹value›")}**`,
    "",
    "| | |",
    "|---|---|",
    ...facts(definition, where),
    "",
    "## What it means",
    "",
    definition.meaning,
    "",
    "## The first three commands",
    "",
    "```sh",
    ...definition.commands(place),
    "```",
    "",
    "## It is over when",
    "",
    `${capital(definition.over)}.`,
    "",
    "## Who is told",
    "",
    escalation[definition.severity],
    "",
    "## What it can be about",
    "",
    "| environment | services and resources |",
    "|---|---|",
    ...subjects,
    "",
    "## The rule",
    "",
    ...(rule ? ["```promql", rule.expression.text, "```"] : ["No environment has what it is about yet."]),
    "",
    provocation(definition.provoke),
    "",
  ].join("\n");
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The whole page; `before` is what stands there now, of which the hand-written part is kept. */
export function runbookPage(definition: Definition, environments: readonly Watched[], before: string | undefined): string {
  const split = before?.indexOf(handWritten) ?? -1;
  const kept = before === undefined || split === -1 ? nothingYet : before.slice(split + handWritten.length);
  return `${generatedPart(definition, environments)}\n${handWritten}${kept.startsWith("\n") ? "" : "\n"}${kept}`;
}
