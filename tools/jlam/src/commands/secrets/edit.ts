/** `jlam secrets edit`: a value in an editor, in memory only as far as the machine allows. */
import type { Command } from "commander";
import { setSecret, wantedSecret } from "../../secrets/change.ts";
import { editText } from "../../secrets/edit-text.ts";
import { readIdentities } from "../../secrets/sealed/identity.ts";
import { readSealed, sealedPath, usedVersion } from "../../secrets/sealed/file.ts";
import { unseal } from "../../secrets/sealed/seal.ts";
import { examples } from "../../terminal/examples.ts";
import { print, printJson } from "../../terminal/output.ts";
import { targetOf, withDryRun, withIdentity } from "./target.ts";

export function registerEdit(command: Command): void {
  command.summary("change a value in your editor").description("Opens a value in $VISUAL or $EDITOR, for texts of several lines. The file is yours alone, lies in memory where the machine has such a place, and is gone afterwards.");
  command.argument("<environment>").argument("<secret>", "its id, as `jlam secrets list` shows it");
  withDryRun(withIdentity(command)).option("--json", "print what changed as JSON");
  examples(command, [
    ["jlam secrets edit staging postgres-app.certificate-authority", "look at it, or change it"],
    ["jlam secrets edit staging mail-outgoing.sender --dry-run", "look at it, and keep it as it is"],
  ]);
  command.action(async (name: string, id: string, options: { identity?: string; dryRun?: true; json?: true }) => {
    const target = await targetOf(name, options.dryRun === true);
    wantedSecret(target.environment, id);
    const entry = readSealed(target.root, target.environment.name)[id];
    const used = entry && usedVersion(entry);
    const before = used === undefined ? "" : await unseal(used.sealed, { environment: target.environment.name, secret: id, version: used.version, made: used.made }, readIdentities(options.identity), sealedPath(target.root, target.environment.name));
    const after = (await editText(before)).replace(/\r?\n$/, "");
    const changed = after === before.replace(/\r?\n$/, "") ? [] : [await setSecret(target, id, after)];
    if (options.json) return printJson({ dryRun: target.dryRun, changed });
    print(changed.length === 0 ? `${id} stays as it is.` : `${target.dryRun ? "would be changed" : "changed"}: ${id}`);
  });
}
