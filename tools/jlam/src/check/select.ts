/** Which findings somebody asked for, and in which order they are told. */
import { dirname } from "node:path";
import type { Diagnostic, ResolvedEnvironment } from "@jlam/compose-dsl";
import { fixOfName, PersonError } from "../terminal/failure.ts";
import { pathOf } from "../explain/source-files.ts";

/**
 * Keeps what is about one stack: what names it or one of its services, and what lies in its folder.
 * @throws PersonError for a stack that no environment has
 */
export function ofStack(stack: string, environments: readonly ResolvedEnvironment[]): (finding: Diagnostic) => boolean {
  const all = environments.flatMap(({ stacks }) => stacks);
  const own = all.filter(({ name }) => name === stack);
  if (own.length === 0) {
    const names = [...new Set(all.map(({ name }) => name))].sort();
    throw new PersonError(`There is no stack "${stack}".`, { fix: fixOfName(stack, names), exitCode: 2 });
  }
  const names = new Set([stack, ...own.flatMap(({ services }) => services.map(({ name }) => name))]);
  const folders = environments.flatMap(({ node }) => node.stacks.filter(({ name }) => name === stack).map(({ at }) => dirname(pathOf(at))));
  return ({ subject, at }) => subject.split(/[\s,]+/).some((word) => names.has(word)) || (at !== undefined && folders.some((folder) => pathOf(at).startsWith(`${folder}/`)));
}

/** Errors before warnings, then by place, then by rule and subject. */
export function sorted(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  const key = ({ severity, at, rule, subject }: Diagnostic): string => [severity, at ? pathOf(at) : "", String(at?.line ?? 0).padStart(6, "0"), rule, subject].join("\0");
  return findings.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The same finding in several environments is told once, with all their names. */
export function merged(findings: readonly Diagnostic[], environments: readonly string[]): readonly Diagnostic[] {
  const alike = new Map<string, { readonly finding: Diagnostic; readonly names: string[]; readonly rest: string }>();
  for (const finding of findings) {
    const [name = "", ...words] = finding.subject.split(" ");
    const known = environments.includes(name);
    const rest = known ? words.join(" ") : finding.subject;
    const message = known ? finding.message.replaceAll(name, "‹environment›") : finding.message;
    const key = JSON.stringify([finding.rule, rest, message, finding.at]);
    const entry = alike.get(key) ?? { finding, names: [], rest };
    alike.set(key, entry);
    if (known) entry.names.push(name);
  }
  return [...alike.values()].map(({ finding, names, rest }) => (names.length > 1 ? { ...finding, subject: `${names.join(", ")} ${rest}`.trim() } : finding));
}
