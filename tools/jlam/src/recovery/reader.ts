/** Reading sets through the engine: in its container, or on a machine that has nothing but the escrow kit. */
import { manifestSchema, type Manifest, type SetObject } from "@jlam/backup/manifest";
import { execa, ExecaError } from "execa";
import { z } from "zod";
import { PersonError } from "../terminal/failure.ts";

/** A program with its arguments, to be joined with others. */
export interface Called {
  readonly program: string;
  readonly args: readonly string[];
}

export interface SetReader {
  /** The set's manifest, its signature verified. @throws PersonError when there is none */
  manifest(set: string | undefined): Promise<Manifest>;
  /** Writes an object of the set as plain bytes; they count only if it exits with 0. */
  object(set: string, of: string, kind: SetObject["kind"]): Called;
  /** Everybody who was erased from a database, a line each. */
  erasures(database: string): Promise<string>;
  /** The private key, which every program here reads from its standard input. */
  readonly key: string;
}

const shownSchema = z.object({ manifest: manifestSchema });

/** @param engine how `backup` is called, its arguments left out */
export function setReader(engine: Called, key: string): SetReader {
  const called = (...args: readonly string[]): Called => ({ program: engine.program, args: [...engine.args, ...args] });
  return {
    key,
    manifest: async (set) => shownSchema.parse(JSON.parse(await answerOf(called("show", ...(set === undefined ? [] : [set]), "--json"), ""))).manifest,
    object: (set, of, kind) => called("read", set, "--of", of, "--kind", kind, "--key", "-"),
    erasures: (database) => answerOf(called("erasures", "--of", database, "--key", "-"), key),
  };
}

/** How `backup` is called in a container that runs. */
export const engineIn = (container: { readonly id: string }): Called => ({ program: "docker", args: ["exec", "--interactive", container.id, "node", "/app/backup.js"] });

/** What the program writes. @throws PersonError with its own words */
export async function answerOf({ program, args }: Called, input: string): Promise<string> {
  try {
    return (await execa(program, args, { input, stripFinalNewline: false })).stdout;
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    throw refusalOf(error);
  }
}

const refusedSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue("no JSON");
      return z.NEVER;
    }
  })
  .pipe(z.object({ step: z.literal("failed"), message: z.string(), fix: z.string() }));

/** What the engine refuses, in its own words; it says them as JSON where it was asked for JSON. */
function refusalOf(error: Error): PersonError {
  const words = wordsOf(error);
  const said = refusedSchema.safeParse(words.split("\n").at(-1)).data;
  if (said !== undefined) return new PersonError(said.message, { ...(said.fix !== "" && { fix: said.fix }), cause: error });
  return words.startsWith("✖ ") ? new PersonError(words.slice(2), { cause: error }) : new PersonError("The engine refuses.", { why: words, cause: error });
}

/** The last words of a program that failed: its errors, or how it ended. */
export function wordsOf(error: Error): string {
  if (!(error instanceof ExecaError)) return error.message;
  const said = (typeof error.stderr === "string" ? error.stderr : "").trim();
  return said === "" ? error.shortMessage : said.slice(-2_000);
}
