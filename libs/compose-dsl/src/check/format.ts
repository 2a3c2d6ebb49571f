import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";
import type { Origin } from "../model/origin.ts";
import type { Diagnostic } from "./diagnostic.ts";

export interface DiagnosticFormat {
  /** Whether to use terminal colours. */
  readonly colour: boolean;
  /** Absolute path of the folder to which places are told relative; the repository's root. */
  readonly root: string;
}

type Style = Parameters<typeof styleText>[0];

/**
 * A diagnostic as people read it:
 *
 *     ✖ production web: "web" waits for the health of "search", which has no health check (healthy-without-check)
 *       → at apps/web/stack.ts:49
 *       why: the start would wait for ever
 *       fix: give "search" a `health`
 */
export function formatDiagnostic(diagnostic: Diagnostic, { colour, root }: DiagnosticFormat): string {
  const { rule, severity, subject, message, why, fix, at } = diagnostic;
  // The caller knows whether its output is a terminal; styleText would look at stdout.
  const paint = (style: Style, text: string): string => (colour ? styleText(style, text, { validateStream: false }) : text);
  const mark = severity === "error" ? paint("red", "✖") : paint("yellow", "⚠");
  return [
    `${mark} ${paint("bold", `${subject}:`)} ${message} ${paint("dim", `(${rule})`)}`,
    ...(at ? [`  → at ${paint("cyan", placeOf(at, root))}`] : []),
    `  why: ${why}`,
    `  fix: ${fix}`,
  ].join("\n");
}

/** `apps/web/stack.ts:49`: a path below `root` where it lies there, else the whole path. */
export function placeOf({ file, line }: Origin, root: string): string {
  const path = file.startsWith("file:") ? fileURLToPath(file) : file;
  const below = relative(root, path);
  return `${path.startsWith("/") && !below.startsWith("..") ? below : path}:${line}`;
}
