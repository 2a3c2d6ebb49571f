/**
 * A piece of HTML that is safe to send. Only {@link html} makes one, so text that was not escaped can't be sent by
 * mistake: it does not compile.
 */
export interface Html {
  readonly markup: string;
}

/** What may stand in a template: text is escaped, HTML is not, nothing is left out. */
export type HtmlValue = string | number | Html | undefined | readonly HtmlValue[];

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function render(value: HtmlValue): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
  if (typeof value === "number") return String(value);
  if ("markup" in value) return value.markup;
  return value.map(render).join("");
}

/** Joins a template with its values. Attributes must be in quotes: `<a href="${address}">`. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { markup: parts.map((part, index) => part + render(values[index])).join("") };
}
