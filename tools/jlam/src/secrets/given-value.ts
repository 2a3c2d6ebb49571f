/** A value that a person gives: from standard input, or typed unseen. */
import { text } from "node:stream/consumers";
import { askHidden } from "../terminal/ask-hidden.ts";
import { PersonError } from "../terminal/failure.ts";

/**
 * Reads it whole from standard input where that is no terminal, and asks for it otherwise. Without the line's end that
 * editors and `echo` put behind it.
 *
 * @throws PersonError where nothing comes
 */
export async function givenValue(question: string): Promise<string> {
  const given = process.stdin.isTTY ? await askHidden(question) : await text(process.stdin);
  const value = given.replace(/\r?\n$/, "");
  if (value !== "") return value;
  throw new PersonError("No value was given.", { fix: "Type it when asked, or give it on standard input: `… < file`." });
}
