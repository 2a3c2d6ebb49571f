import type { ComposeService } from "../compose/specification.ts";

type Labels = ComposeService["labels"];

/** Labels of the escape hatch as a map, whichever of Compose's two forms they were written in. */
export function composeLabels(labels: Labels): Readonly<Record<string, string>> {
  if (isList(labels)) return Object.fromEntries(labels.map(nameAndValue));
  return Object.fromEntries(Object.entries(labels ?? {}).map(([name, value]) => [name, String(value ?? "")]));
}

const isList = (labels: Labels): labels is readonly string[] => Array.isArray(labels);

function nameAndValue(entry: string): [name: string, value: string] {
  const [name = "", ...value] = entry.split("=");
  return [name, value.join("=")];
}
