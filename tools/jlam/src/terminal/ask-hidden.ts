/** A question on the terminal whose answer nobody sees. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** Asks on stderr and returns the line that is typed, which is not shown. For a terminal only: stdin must be one. */
export async function askHidden(question: string): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true });
  process.stderr.write(`${question}: `);
  try {
    return await lines.question("");
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
