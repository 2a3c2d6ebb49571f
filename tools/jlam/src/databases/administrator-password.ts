/** The password of a server's administrator: from a file or typed, never an argument or an environment variable. */
import { readFile } from "node:fs/promises";
import { askHidden } from "../terminal/ask-hidden.ts";
import { PersonError } from "../terminal/failure.ts";

/**
 * Reads the password from the first line of `file`, or asks for it on the terminal without showing what is typed.
 *
 * @throws PersonError when the file can't be read, when nothing was typed, or without both a file and a terminal
 */
export async function administratorPassword(user: string, file: string | undefined): Promise<string> {
  const password = file === undefined ? await typed(user) : await firstLine(file);
  if (password !== "") return password;
  throw new PersonError(`The password of ${user} is empty.`, file === undefined ? {} : { where: file });
}

async function firstLine(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).split("\n")[0]?.trimEnd() ?? "";
  } catch (error) {
    throw new PersonError("The file with the administrator's password can't be read.", { where: file, why: String(error), cause: error });
  }
}

async function typed(user: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new PersonError(`The password of ${user} is needed, and there is no terminal to ask for it.`, {
      fix: "Give the path of a file that holds it with --password-file.",
    });
  }
  return askHidden(`Password of ${user}`);
}
