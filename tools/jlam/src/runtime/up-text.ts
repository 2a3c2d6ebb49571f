/** The end of an `up` in words. Pure. */
import type { ServiceReport } from "./changes.ts";
import { count, formatDuration, list } from "./format.ts";
import type { UpResult } from "./up.ts";

/** What changed, what was left out and why, where to go. */
export function describeUp(result: UpResult): readonly string[] {
  const { services: all, changed, leftOut, addresses, environment } = result;
  const running = all.filter(({ oneShot }) => !oneShot);
  const lines = [
    changed.length === 0
      ? `nothing changed: ${count(running.length, "service")} ${running.length === 1 ? "was" : "were"} up already (${formatDuration(result.milliseconds)})`
      : `${environment} is up: ${describeChanges(all)} (${formatDuration(result.milliseconds)})`,
  ];
  for (const [reason, services] of Map.groupBy(leftOut, ({ reason: why }) => why)) lines.push(`left out: ${list(services.map(({ service }) => service))}: ${reason}`);
  for (const [standIn, services] of Map.groupBy(leftOut, (one) => one.standIn)) {
    if (standIn !== undefined) lines.push(`stand-in: ${standIn} for ${list(services.map(({ service }) => service))}`);
  }
  for (const { what, file } of result.forPeople) lines.push(`${what}: ${file}`);
  for (const { id, description } of result.placeholders) lines.push(`placeholder: ${id} (${description}); put yours in environments/${environment}/.state/given/${id}`);
  if (addresses.length > 0) lines.push("");
  const width = Math.max(0, ...addresses.map(({ url }) => url.length));
  for (const { url, service, needs } of addresses) lines.push(`  ${url.padEnd(width)}  ${service}${needs === "" ? "" : ` (needs ${needs})`}`);
  return lines;
}

function describeChanges(services: readonly ServiceReport[]): string {
  const words = { created: "created", recreated: "recreated", started: "started", "ran-again": "run again", unchanged: "unchanged" } as const;
  const parts = Object.entries(words).flatMap(([change, word]) => {
    const names = services.filter((service) => service.change === change).map(({ service }) => service);
    return names.length === 0 ? [] : [change === "unchanged" || names.length > 4 ? `${names.length} ${word}` : `${word} ${list(names)}`];
  });
  return parts.join(", ");
}
