/** A question before something that can't be undone or that changes the machine. */
import { createInterface } from "node:readline/promises";

export interface ConfirmOptions {
  /** The person said --yes: don't ask. */
  readonly yes: boolean;
  /** The answer where nobody can be asked, because there is no terminal. */
  readonly withoutTerminal: boolean;
}

/** Asks `question [y/N]` on stderr; true only for y or yes. Doesn't ask with `yes` or without a terminal. */
export async function confirm(question: string, options: ConfirmOptions): Promise<boolean> {
  if (options.yes) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) return options.withoutTerminal;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
