/** `jlam secrets recipients`: who can open an environment's secrets. */
import type { Command } from "commander";
import { sealAgain } from "../../secrets/change.ts";
import { createIdentity, identityPath, readIdentities } from "../../secrets/sealed/identity.ts";
import { checkedRecipient, missingRoles, readRecipients, recipientRoles, writeRecipients } from "../../secrets/sealed/recipients.ts";
import { examples } from "../../terminal/examples.ts";
import { fixOfName, PersonError } from "../../terminal/failure.ts";
import { print, printJson, printTable, say } from "../../terminal/output.ts";
import { targetOf, withDryRun, withIdentity } from "./target.ts";

export function registerRecipients(command: Command): void {
  command.summary("who can open the values").description("Lists who can open an environment's secrets, and changes it. recipients.json is reviewed like code; who leaves it can still open old versions from git, so rotate what they could read.");
  registerListed(command.command("list", { isDefault: true }));
  registerCreate(command.command("create"));
  registerAdd(command.command("add"));
  registerRemove(command.command("remove"));
  registerSeal(command.command("seal"));
  examples(command, [
    ["jlam secrets recipients staging", "who there is, and which role is missing"],
    ["jlam secrets recipients create", "an identity for yourself; prints the recipient that others add"],
  ]);
}

function registerListed(command: Command): void {
  command.summary("who there is, and which role is missing").argument("<environment>").option("--json", "print JSON");
  examples(command, [["jlam secrets recipients list staging", "the recipients of staging"]]);
  command.action(async (name: string, options: { json?: true }) => {
    const { environment, root } = await targetOf(name, true);
    const recipients = readRecipients(root, environment.name);
    const missing = missingRoles(recipients);
    if (options.json) return printJson({ recipients, missing });
    printTable(["ROLE", "NAME", "RECIPIENT"], recipients.map(({ role, name: who, recipient }) => [role, who, recipient]));
    if (missing.length > 0) say(`Nobody has the role ${missing.map((role) => `"${role}"`).join(", ")} yet; without all roles nothing can be sealed.`);
  });
}

function registerCreate(command: Command): void {
  command.summary("make an identity in a file of yours, and print its recipient").option("--identity <file>", "where to put it; ~/.config/jlam/age-identity without it").option("--json", "print JSON");
  examples(command, [
    ["jlam secrets recipients create", "your own"],
    ["jlam secrets recipients create --identity /media/stick/jlam-recovery", "one for recovery, to be kept offline"],
  ]);
  command.action(async (options: { identity?: string; json?: true }) => {
    const path = identityPath(options.identity);
    const recipient = await createIdentity(path);
    if (options.json) return printJson({ identity: path, recipient });
    say(`The identity is in ${path}. Keep it; nobody can make it again.`);
    print(recipient);
  });
}

function registerAdd(command: Command): void {
  command.summary("add a recipient to recipients.json").argument("<environment>");
  command.requiredOption("--role <role>", `one of ${recipientRoles.join(", ")}`).requiredOption("--name <name>", "who holds the identity").requiredOption("--recipient <age1…>", "what `create` printed");
  withDryRun(command).option("--json", "print JSON");
  examples(command, [["jlam secrets recipients add staging --role administrator --name 'Anna' --recipient age1…", "then seal, and have it reviewed"]]);
  command.action(async (environmentName: string, options: { role: string; name: string; recipient: string; dryRun?: true; json?: true }) => {
    const { environment, root, dryRun } = await targetOf(environmentName, options.dryRun === true);
    const known = readRecipients(root, environment.name);
    const added = checkedRecipient({ role: options.role, name: options.name, recipient: options.recipient });
    const same = known.find(({ recipient, name, role }) => recipient === added.recipient || (name === added.name && role === added.role));
    if (same !== undefined) throw new PersonError(`${same.name} is a recipient of ${environment.name} already (${same.role}).`);
    if (!dryRun) writeRecipients(root, environment.name, [...known, added]);
    if (options.json) return printJson({ dryRun, added });
    print(`${dryRun ? "would be added" : "added"}: ${added.name} (${added.role})`);
    say(`Next: \`jlam secrets recipients seal ${environment.name}\`.`);
  });
}

function registerRemove(command: Command): void {
  command.summary("remove a recipient").argument("<environment>").argument("<name>", "as `list` shows it");
  withDryRun(command).option("--json", "print JSON");
  examples(command, [["jlam secrets recipients remove staging 'Anna'", "then seal, and rotate what she could read"]]);
  command.action(async (environmentName: string, who: string, options: { dryRun?: true; json?: true }) => {
    const { environment, root, dryRun } = await targetOf(environmentName, options.dryRun === true);
    const known = readRecipients(root, environment.name);
    const removed = known.filter(({ name }) => name === who);
    if (removed.length === 0) throw new PersonError(`${environment.name} has no recipient "${who}".`, { fix: fixOfName(who, known.map(({ name }) => name)) });
    if (!dryRun) writeRecipients(root, environment.name, known.filter(({ name }) => name !== who));
    if (options.json) return printJson({ dryRun, removed });
    print(`${dryRun ? "would be removed" : "removed"}: ${who}`);
    say(`Next: \`jlam secrets recipients seal ${environment.name}\`, and rotate every secret that ${who} could read: git keeps the old blobs.`);
  });
}

function registerSeal(command: Command): void {
  command.summary("seal every value for those who are recipients now").argument("<environment>");
  withDryRun(withIdentity(command)).option("--json", "print JSON");
  examples(command, [["jlam secrets recipients seal staging", "after adding or removing somebody"]]);
  command.action(async (name: string, options: { identity?: string; dryRun?: true; json?: true }) => {
    const target = await targetOf(name, options.dryRun === true);
    const changed = await sealAgain(target, readIdentities(options.identity));
    if (options.json) return printJson({ dryRun: target.dryRun, changed });
    print(changed.length === 0 ? "Everything is sealed for the recipients there are." : `${target.dryRun ? "would be sealed" : "sealed"} again: ${changed.map(({ id }) => id).join(", ")}`);
  });
}
