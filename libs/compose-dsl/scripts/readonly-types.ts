/** Makes generated type declarations readonly, and closes them to all keys but extensions. */
import ts from "typescript";
import { EXTENSIONS } from "./type-shape.ts";

interface Insertion {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Adds `readonly` to every property, index signature and array of a file of type declarations,
 * and turns the marker property EXTENSIONS into an index signature for `x-…` keys. All else,
 * comments included, stays as it is.
 */
export function readonlyTypes(source: string): string {
  const file = ts.createSourceFile("types.ts", source, ts.ScriptTarget.ESNext, true);
  const insertions: Insertion[] = [];
  const visit = (node: ts.Node): void => {
    insertions.push(...changesAt(node));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return insertions
    .toSorted((left, right) => right.start - left.start)
    .reduce((text, { start, end, text: added }) => text.slice(0, start) + added + text.slice(end), source);
}

function changesAt(node: ts.Node): readonly Insertion[] {
  if (ts.isPropertySignature(node)) {
    const start = node.getStart();
    const isMarker = ts.isStringLiteral(node.name) && node.name.text === EXTENSIONS;
    return [
      isMarker
        ? { start, end: node.end, text: `readonly [extension: \`${EXTENSIONS}\${string}\`]: unknown;` }
        : { start, end: start, text: "readonly " },
    ];
  }
  if (ts.isIndexSignatureDeclaration(node)) return [{ start: node.getStart(), end: node.getStart(), text: "readonly " }];
  if (ts.isArrayTypeNode(node) || ts.isTupleTypeNode(node)) {
    const start = node.getStart();
    if (!ts.isArrayTypeNode(node.parent)) return [{ start, end: start, text: "readonly " }];
    return [{ start, end: start, text: "(readonly " }, { start: node.end, end: node.end, text: ")" }];
  }
  return [];
}
