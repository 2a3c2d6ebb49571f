/** A secret text in a person's editor. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { onInterrupt } from "../terminal/interrupt.ts";
import { PersonError } from "../terminal/failure.ts";

/**
 * Lets a person change a text in $VISUAL or $EDITOR, and returns it. The file is in a folder of mode 0700, in memory where
 * the machine has /dev/shm, and is removed whatever happens.
 *
 * @throws PersonError without an editor, or where it fails
 */
export async function editText(before: string, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const editor = environment["VISUAL"] ?? environment["EDITOR"];
  if (editor === undefined || editor === "") throw new PersonError("No editor is set.", { fix: "Set EDITOR, such as `EDITOR=nano`, or give the value on standard input: `jlam secrets set`." });
  const folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), "jlam-secret-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const forget = onInterrupt(remove);
  try {
    chmodSync(folder, 0o700);
    const file = join(folder, "secret");
    writeFileSync(file, before, { mode: 0o600 });
    // EDITOR may hold options, as in `code --wait`; the shell splits it as everywhere else. The path is its only argument.
    const { failed, shortMessage } = await execa("/bin/sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit", reject: false });
    if (failed) throw new PersonError("The editor failed, so nothing was changed.", { why: shortMessage });
    return readFileSync(file, "utf8");
  } finally {
    forget();
    remove();
  }
}

const memoryFolder = (): string | undefined => (statSync("/dev/shm", { throwIfNoEntry: false })?.isDirectory() === true ? "/dev/shm" : undefined);
