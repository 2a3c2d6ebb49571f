/** Where a default's rule stands in the library: the line that holds its sentence. */
import { globSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { ReadSource } from "./source-files.ts";

export interface RulePlace {
  readonly file: string;
  readonly line: number;
  /** The line without indentation. */
  readonly text: string;
}

/**
 * Finds the sentences of defaults. A default's sentence is written once, beside the rule, as one string, so the string
 * leads there however the code around it changes. Parses a folder on first use.
 */
export function defaultRules(root: string, read: ReadSource): (sentence: string) => RulePlace | undefined {
  let places: ReadonlyMap<string, RulePlace> | undefined;
  return (sentence) => (places ??= sentences(root, read)).get(sentence);
}

function sentences(root: string, read: ReadSource): ReadonlyMap<string, RulePlace> {
  const found = new Map<string, RulePlace>();
  const folder = join(root, "libs/compose-dsl/src");
  for (const path of globSync("{emit,resolve,explain}/**/*.ts", { cwd: folder }).sort()) {
    if (path.includes(".test.")) continue;
    const file = join(folder, path);
    const source = read(file);
    if (!source) continue;
    const lines = source.text.split("\n");
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node) && node.text.includes(" ")) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        found.set(node.text, { file, line: line + 1, text: lines[line]?.trim() ?? "" });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}
