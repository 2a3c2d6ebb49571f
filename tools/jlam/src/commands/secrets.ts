/** `jlam secrets`: the values that an environment's services are given, none of which is ever shown. */
import type { Command } from "commander";
import { registerCheck } from "./secrets/check.ts";
import { registerEdit } from "./secrets/edit.ts";
import { registerFiles } from "./secrets/files.ts";
import { registerList } from "./secrets/list.ts";
import { registerLogin } from "./secrets/login.ts";
import { registerRecipients } from "./secrets/recipients.ts";
import { registerRotate } from "./secrets/rotate.ts";
import { registerSet } from "./secrets/set.ts";

export function register(command: Command): void {
  command.description(
    "The secrets of an environment: which there are follows from the model, and their values are encrypted in environments/<name>/secrets.age.json. " +
      "A value is read from standard input or typed unseen; it is never an argument, never in a variable, and never printed.",
  );
  registerList(command.command("list"));
  registerSet(command.command("set"));
  registerEdit(command.command("edit"));
  registerRotate(command.command("rotate"));
  registerCheck(command.command("check"));
  registerFiles(command.command("files"));
  registerLogin(command.command("login"));
  registerRecipients(command.command("recipients"));
}
