import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { commands } from "./commands.ts";

/** The command and all below it. */
function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

describe("the table of commands", () => {
  test("is sorted, and names each command once", () => {
    const names = commands.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
  });

  test.each(commands)("leads to $name, whose help has examples that call it", { timeout: 60_000 }, async ({ name, load }) => {
    const command = new Command(name);
    (await load()).register(command);
    expect(withSubcommands(command).map(helpOf).join("\n")).toMatch(new RegExp(`Examples:\\n.*jlam ${name}`));
  });
});
