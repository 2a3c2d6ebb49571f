/** TypeScript sources as syntax trees, each read once. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Origin } from "@jlam/compose-dsl";
import ts from "typescript";

export type ReadSource = (file: string) => ts.SourceFile | undefined;

/** A reader that remembers. Gives undefined for what can't be read, such as the engine's own code. */
export function sourceReader(): ReadSource {
  const known = new Map<string, ts.SourceFile | undefined>();
  return (file) => {
    if (!known.has(file)) known.set(file, parse(file));
    return known.get(file);
  };
}

function parse(file: string): ts.SourceFile | undefined {
  try {
    return ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  } catch {
    return undefined;
  }
}

/** Path of an origin's file; the engine reports modules as file: URLs. */
export const pathOf = ({ file }: Pick<Origin, "file">): string => (file.startsWith("file:") ? fileURLToPath(file) : file);

type Calls = ReadonlyMap<string, ts.CallExpression>;
const callsOf = new WeakMap<ts.SourceFile, Calls>();

/** The call that an origin points to: the engine gives the place of the called name. */
export function callAt(source: ts.SourceFile, { line, column }: Origin): ts.CallExpression | undefined {
  const calls = callsOf.get(source) ?? allCalls(source);
  callsOf.set(source, calls);
  return calls.get(`${line}:${column}`);
}

function allCalls(source: ts.SourceFile): Calls {
  const calls = new Map<string, ts.CallExpression>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const name = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression;
      const at = source.getLineAndCharacterOfPosition(name.getStart(source));
      calls.set(`${at.line + 1}:${at.character + 1}`, node);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return calls;
}
