/** `jlam completion`: the completion script of a shell, and the words that the script asks for. */
import type { Command } from "commander";
import { commands } from "../commands.ts";
import { candidates } from "../completion/candidates.ts";
import { completionScript, shells } from "../completion/scripts.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { print } from "../terminal/output.ts";

export function register(command: Command): void {
  command.argument("<shell>", `${shells.join(", ")}; or \`words\`, which the scripts use`).argument("[words...]", "for `words`: what was typed, after --");
  examples(command, [
    ["source <(./jlam completion bash)", "complete environments, stacks, services and databases in bash"],
    ["source <(./jlam completion zsh)", "the same in zsh"],
    ["./jlam completion fish | source", "the same in fish"],
  ]);
  command.action(async (shell: string, words: readonly string[]) => {
    if (shell === "words") {
      for (const candidate of await candidates(words, commands)) print(candidate);
      return;
    }
    const known = shells.find((name) => name === shell);
    if (known === undefined) throw new PersonError(`There is no completion for "${shell}".`, { fix: `There is one for ${shells.join(", ")}.`, exitCode: 2 });
    process.stdout.write(completionScript(known));
  });
}
