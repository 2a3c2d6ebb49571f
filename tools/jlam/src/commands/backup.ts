/** `jlam backup`: recovery sets, made and looked after by the engine in the environment's container `backup`. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { backupPlan } from "@jlam/backup/plan";
import { daily } from "@jlam/backup/schedule";
import { copies, pruning, sets } from "@jlam/backup/stack";
import { planInWords } from "@jlam/backup/words";
import { projectName } from "@jlam/compose-dsl";
import { bucketPolicy, type Applications } from "@jlam/object-store";
import type { Command } from "commander";
import { archiveIn } from "../point-in-time/archive.ts";
import { kitPage } from "../recovery/kit.ts";
import { makeKit } from "../recovery/print-kit.ts";
import { answerOf, engineIn, type Called } from "../recovery/reader.ts";
import { verifyRestored } from "../recovery/verify-restored.ts";
import { takeSetAloud } from "../recovery/take-set.ts";
import { listContainers, type ContainerState } from "../runtime/containers.ts";
import { execIn, runningContainer } from "../runtime/in-container.ts";
import { loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { examples } from "../terminal/examples.ts";
import { messageOf, PersonError } from "../terminal/failure.ts";

interface Options {
  readonly environment: string;
  readonly json?: true;
}

interface KitFlags {
  readonly environment: string;
  readonly images: string;
  readonly escrowKey?: string;
  readonly ageIdentity?: string;
  readonly readerKey?: string;
  readonly copyReaderKey?: string;
  readonly storeUrl?: string;
  readonly copyUrl?: string;
}

export function register(command: Command): void {
  const add = (name: string, summary: string, takesSet: boolean): Command => {
    const added = command.command(name).summary(summary).description(summary).option("-e, --environment <name>", "environment", "local").option("--json", "one JSON document a line, for programs");
    return takesSet ? added.argument("[set]", "id of a set, as `list` shows it; the newest unless said otherwise") : added;
  };
  add("run", "make a set now, with the revision that is checked out", false).action(async ({ environment, json }: Options) => {
    process.exitCode = await takeSetAloud(environment, await listContainers(projectName(environment)), repositoryRoot, json === true);
  });
  for (const [name, summary, service] of [
    ["list", "show the sets that there are, newest first", "backup"],
    ["copy", "bring the sets that the second region lacks there, by reading the first one back", "backup"],
    ["prune", "remove the sets whose time is over", "backup-pruner"],
  ] as const) {
    add(name, summary, false).action(async ({ environment, json }: Options) => {
      const container = await runningContainer(environment, service);
      if (name === "list" && json) return void process.stdout.write(`${JSON.stringify(await listed(container))}\n`);
      const exitCode = await execIn(container, engine(name, undefined, json));
      // The same of the archive of changes: its spans, or what of it is removed.
      const archived = name === "list" ? "spans" : name === "prune" ? "prune" : undefined;
      process.exitCode = exitCode !== 0 || archived === undefined ? exitCode : await execIn(container, ["node", "/app/point-in-time.js", archived, ...(json === undefined ? [] : ["--json"])]);
    });
  }
  add("show", "tell what is in a set", true).action(async (set: string | undefined, { environment, json }: Options) => {
    process.exitCode = await execIn(await runningContainer(environment, "backup"), engine("show", set, json));
  });
  add("verify", "read a set back and compare it with its manifest; with --restored, prove it by a real restore", true)
    .option("--restored", "restore its databases into a throwaway server, compare their content, and mark the set as verified")
    .option("--key <file>", "private half of the operations or the escrow key for that; an environment with throw-away keys needs none")
    .action(async (set: string | undefined, { environment, json, restored, key }: Options & { readonly restored?: true; readonly key?: string }) => {
      process.exitCode = restored
        ? await verifyRestored({ environment, root: repositoryRoot, set, keyFile: key, json: json === true })
        : await execIn(await runningContainer(environment, "backup"), engine("verify", set, json));
    });
  add("plan", "tell what every set holds, what not, and why", false).action(async ({ environment: name, json }: Options) => {
    const { node, services, providers } = await loadEnvironment(name);
    const source = { environment: name, certificates: node.certificates, services: [...services.values()].map((service) => service.node), resources: [...providers.values()].map(({ provides }) => provides), providers: [...providers.values()] };
    const plan = backupPlan(source, node.at, copies);
    process.stdout.write(json === undefined ? planInWords(plan, daily) : `${JSON.stringify(plan)}\n`);
  });
  command
    .command("kit")
    .summary("print the escrow kit: the page that brings everything back")
    .description("Prints the escrow kit. Whoever has it can read every backup: print it, keep it in a safe, and leave no copy on a machine.")
    .option("-e, --environment <name>", "environment", "local")
    .requiredOption("--images <source>", "where an empty machine gets images: the path of a `docker save` archive, or a registry")
    .option("--escrow-key <file>", "private half of the escrow key; an environment with throw-away keys needs none")
    .option("--age-identity <file>", "identity of the recipient `recovery`, where secrets are encrypted in the repository")
    .option("--copy-reader-key <file>", "the same for the second region as --reader-key")
    .option("--copy-url <url>", "the same for the second region as --store-url")
    .option("--reader-key <file>", "secret key of the store's login that only reads; where this machine made the store, it knows it")
    .option("--store-url <url>", "the store's address as an empty machine reaches it")
    .action(async ({ environment, images, escrowKey, ageIdentity, readerKey, copyReaderKey, storeUrl, copyUrl }: KitFlags) => {
      process.stdout.write(
        kitPage(await makeKit({ environment, root: repositoryRoot, images, escrowKeyFile: escrowKey, ageIdentityFile: ageIdentity, readerKeyFile: readerKey, copyReaderKeyFile: copyReaderKey, storeUrl, copyUrl })),
      );
    });
  command
    .command("policy")
    .summary("print the bucket policy of the sets, for a store of Scaleway's")
    .description("Prints who may do what in the bucket of the sets, as `aws s3api put-bucket-policy` takes it: the writer deletes nothing, the pruner reads markers alone.")
    .option("-e, --environment <name>", "environment", "production")
    .option("--second", "the bucket of the second region")
    .requiredOption("--writer <application>", "id of the IAM application whose key the engine has")
    .requiredOption("--reader <application>", "id of that of the escrow kit")
    .requiredOption("--pruner <application>", "id of that of the pruner")
    .action(async ({ environment: name, second, ...applications }: { readonly environment: string; readonly second?: true } & Applications) => {
      const wanted = second ? copies.name : sets.name;
      const provider = [...(await loadEnvironment(name)).providers.values()].find(({ provides }) => provides.kind === "objectStore" && provides.name === wanted);
      const bucket = provider?.binding.facts["bucket"];
      if (bucket === undefined) throw new PersonError(`${name} has no store "${wanted}".`, { where: join("environments", name, "environment.ts") });
      process.stdout.write(bucketPolicy(bucket, pruning, applications));
    });
  command
    .command("keep-report")
    .summary("keep the report of a drill beside the sets, signed and locked")
    .description("Keeps the report of a drill beside the sets, signed and locked for two years; monitoring tells its age and time from it.")
    .argument("<file>", "report that `jlam drill --report` wrote")
    .option("-e, --environment <name>", "environment", "local")
    .action(async (file: string, { environment }: Options) => {
      const called = engineIn(await runningContainer(environment, "backup"));
      const report = await readFile(file, "utf8").catch((error: unknown) => {
        throw new PersonError("The report can't be read.", { where: file, why: messageOf(error), fix: "`jlam drill --report FILE` writes one." });
      });
      process.stdout.write(await answerOf({ ...called, args: [...called.args, "drill"] }, report));
    });
  examples(command, [
    ["jlam backup plan -e production", "what would come back, and how soon"],
    ["jlam backup run", "make a set of the local environment"],
    ["jlam backup list -e ci", "which sets there are, and which were proven"],
    ["jlam backup verify", "is the newest set still what was sent?"],
    ["jlam backup verify --restored", "can it be restored, and is it equal to its source?"],
    ["jlam backup kit --images /srv/images.tar", "the page for the safe"],
  ]);
}

/** The sets, and from when to when each archive of changes can return: one document, as a script wants it. */
async function listed(container: ContainerState): Promise<{ readonly sets: unknown; readonly changes: unknown }> {
  const told = async ({ program, args }: Called, command: string): Promise<unknown> => JSON.parse(await answerOf({ program, args: [...args, command, "--json"] }, ""));
  return { sets: await told(engineIn(container), "list"), changes: await told(archiveIn(container), "spans") };
}

const engine = (name: string, set: string | undefined, json: true | undefined): readonly string[] => [
  "node", "/app/backup.js", name, ...(set === undefined ? [] : [set]), ...(json === undefined ? [] : ["--json"]),
];
