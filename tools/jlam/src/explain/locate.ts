/** Where exactly a declaration says something: from the call that made a node to the line of one key inside it. */
import type { Origin } from "@jlam/compose-dsl";
import ts from "typescript";
import { callAt, pathOf, type ReadSource } from "./source-files.ts";

export interface Place {
  /** Absolute path. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The line's text without indentation. */
  readonly text: string;
  /** Last key that is deliberately not written there, so that its default holds; undefined where all was found. */
  readonly unwritten: string | undefined;
}

interface Search {
  readonly read: ReadSource;
  /** Call of the function in which the declaration stands, so that its parameters can be followed to their values. */
  readonly calledAt: Origin | undefined;
}

/** How far a walk came: the node that says it, and what of the field is left. */
interface Reached {
  readonly node: ts.Node;
  readonly rest: string;
  /** Whether every place that could have said the rest was seen. */
  readonly complete: boolean;
}

/**
 * The line that says `field` in the declaration made at `at`, following shared constants, spreads and shorthands in the
 * same file, and parameters to the call at `calledAt`. Falls back to what is nearest: the key around it, or the call.
 */
export function locate(at: Origin, field: string | undefined, search: Search): Place {
  const file = pathOf(at);
  const source = search.read(file);
  const call = source && callAt(source, at);
  if (!source || !call) return { file, line: at.line, text: source ? lineText(source, at.line - 1) : "", unwritten: undefined };
  if (field === undefined || field === "") return placeOf(call, undefined);
  const reached = walk(call, field, search) ?? keyAround(call, field);
  if (!reached) return placeOf(call, undefined);
  return placeOf(reached.node, reached.rest !== "" && reached.complete ? reached.rest : undefined);
}

function placeOf(node: ts.Node, unwritten: string | undefined): Place {
  const source = node.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return { file: source.fileName, line: line + 1, text: lineText(source, line), unwritten };
}

function lineText(source: ts.SourceFile, line: number): string {
  const starts = source.getLineStarts();
  return source.text.slice(starts[line] ?? 0, starts[line + 1] ?? source.text.length).trim();
}

/** `database: to(…)`: the call is itself the value of the field's last key. */
function keyAround(call: ts.CallExpression, field: string): Reached | undefined {
  const { parent } = call;
  if (!ts.isPropertyAssignment(parent)) return undefined;
  const name = keyOf(parent.name);
  return name !== undefined && (field === name || field.endsWith(`.${name}`)) ? { node: parent.name, rest: "", complete: true } : undefined;
}

/** Follows `field` into an expression; undefined where not even its first key is found. */
function walk(expression: ts.Expression, field: string, search: Search): Reached | undefined {
  const inner = unwrapped(expression);
  if (ts.isObjectLiteralExpression(inner)) return walkObject(inner, field, search);
  if (ts.isCallExpression(inner)) {
    for (const argument of inner.arguments) {
      const reached = walk(argument, field, search);
      if (reached) return reached;
    }
    return undefined;
  }
  if (ts.isIdentifier(inner)) {
    const value = valueOf(inner, search);
    return value && walk(value, field, search);
  }
  return undefined;
}

function walkObject(object: ts.ObjectLiteralExpression, field: string, search: Search): Reached | undefined {
  // Of two that say the same, the later one wins.
  for (const property of object.properties.toReversed()) {
    if (ts.isSpreadAssignment(property)) {
      const reached = walk(property.expression, field, search);
      if (reached) return reached;
      continue;
    }
    const name = keyOf(property.name);
    if (name === undefined) continue;
    if (name === field) return { node: property.name, rest: "", complete: true };
    if (!field.startsWith(`${name}.`)) continue;
    const rest = field.slice(name.length + 1);
    const value = ts.isPropertyAssignment(property) ? property.initializer : ts.isShorthandPropertyAssignment(property) ? property.name : undefined;
    return (value && walk(value, rest, search)) ?? { node: property.name, rest, complete: value !== undefined && isComplete(value, search) };
  }
  return undefined;
}

/** Whether everything that an expression says stands where it could be followed to. */
function isComplete(expression: ts.Expression, search: Search): boolean {
  const inner = unwrapped(expression);
  if (ts.isObjectLiteralExpression(inner)) return inner.properties.every((property) => !ts.isSpreadAssignment(property) || isComplete(property.expression, search));
  if (ts.isCallExpression(inner)) return inner.arguments.every((argument) => isComplete(argument, search));
  if (ts.isIdentifier(inner)) {
    const value = valueOf(inner, search);
    return value !== undefined && isComplete(value, search);
  }
  return ts.isLiteralExpression(inner) || ts.isArrayLiteralExpression(inner) || ts.isPropertyAccessExpression(inner);
}

/** What an identifier stands for: a constant of this file, or an argument where it is a parameter. */
function valueOf(identifier: ts.Identifier, { read, calledAt }: Search): ts.Expression | undefined {
  let scope: ts.Node = identifier;
  do {
    scope = scope.parent;
    if (ts.isFunctionLike(scope)) {
      const index = scope.parameters.findIndex(({ name }) => names(name, identifier.text));
      const parameter = scope.parameters[index];
      if (parameter) return calledAt && ts.isIdentifier(parameter.name) ? argumentAt(scope, index, read, calledAt) : undefined;
    }
    if (ts.isBlock(scope) || ts.isSourceFile(scope)) {
      const declarations = scope.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) => [...declarationList.declarations]);
      const declaration = declarations.find(({ name }) => names(name, identifier.text));
      if (declaration) return ts.isIdentifier(declaration.name) ? declaration.initializer : undefined;
    }
  } while (!ts.isSourceFile(scope));
  return undefined;
}

/** Whether a declaration, or a pattern that takes a value apart, gives something this name. */
function names(binding: ts.BindingName, name: string): boolean {
  if (ts.isIdentifier(binding)) return binding.text === name;
  return binding.elements.some((element) => ts.isBindingElement(element) && names(element.name, name));
}

function argumentAt(called: ts.SignatureDeclaration, index: number, read: ReadSource, at: Origin): ts.Expression | undefined {
  const source = read(pathOf(at));
  const call = source && callAt(source, at);
  const name = called.name && ts.isIdentifier(called.name) ? called.name.text : undefined;
  return call && ts.isIdentifier(call.expression) && call.expression.text === name ? call.arguments[index] : undefined;
}

/** The expression without parentheses, `as const` and `satisfies`. */
function unwrapped(expression: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(expression) || ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression) ? unwrapped(expression.expression) : expression;
}

/** A key as it reads at run time; undefined for a computed one that is no literal. */
function keyOf(name: ts.PropertyName): string | undefined {
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name)) return name.text;
  return ts.isComputedPropertyName(name) && ts.isStringLiteralLike(name.expression) ? name.expression.text : undefined;
}
