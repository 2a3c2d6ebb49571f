/** `jlam restore`: bring data of a set back, into its environment or another. */
import { projectName } from "@jlam/compose-dsl";
import type { Command } from "commander";
import { takeSet } from "../recovery/take-set.ts";
import { prepareCopy } from "../anonymise/prepare.ts";
import { instantInWords, readInstant } from "../point-in-time/instant.ts";
import { prepareInstant } from "../point-in-time/prepare.ts";
import { printSteps } from "../recovery/print-steps.ts";
import { idsOf, prepareRestore } from "../recovery/restore.ts";
import { onTerminal } from "../runtime/reporter.ts";
import { listContainers } from "../runtime/containers.ts";
import { repositoryRoot } from "../synth/platform.ts";
import { confirm } from "../terminal/confirm.ts";
import { examples } from "../terminal/examples.ts";
import { PersonError } from "../terminal/failure.ts";
import { print, printJson, say } from "../terminal/output.ts";

interface Options {
  readonly environment: string;
  readonly into?: string;
  readonly database: readonly string[];
  readonly volume: readonly string[];
  readonly key?: string;
  readonly to?: string;
  readonly rehearse?: true;
  readonly anonymised?: true;
  readonly withPeople?: true;
  readonly dump?: string;
  readonly setFirst: boolean;
  readonly yes?: true;
  readonly json?: true;
}

const several = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function register(command: Command): void {
  command
    .argument("[set]", "id of a set, as `jlam backup list` shows it; the newest unless said otherwise")
    .option("-e, --environment <name>", "environment whose sets are read", "local")
    .option("--into <environment>", "environment to restore into; the same one unless said otherwise")
    .option("--database <name>", "only this database, such as app; may be said again", several, [])
    .option("--volume <name>", "only this volume; may be said again", several, [])
    .option("--key <file>", "private half of the operations or the escrow key; an environment with throw-away keys needs none")
    .option("--to <instant>", 'databases whose changes are archived as they were then: "2026-11-20 14:03:00" in Amsterdam\'s time, or with its zone')
    .option("--rehearse", "with --to: bring them up apart from those that run, check every page, and replace nothing")
    .option("--anonymised", "a copy without a person in it, for --into another environment; it leaves only once nobody is found in it")
    .option("--with-people", "with --into another environment: real people's data, as when the first one is lost")
    .option("--dump <file>", "with --anonymised: write the copy there, for an environment whose database isn't on this machine")
    .option("--no-set-first", "don't make a set of what is overwritten, where that is too broken for one")
    .option("-y, --yes", "don't ask")
    .option("--json", "print the result as JSON");
  examples(command, [
    ["jlam restore", "the newest set of local, after a question"],
    ["jlam restore 2026-11-22T02-00-00-000Z --database app", "one database of one set"],
    ['jlam restore --to "2026-11-20 14:03:00" --database app', "one database as it was at that instant"],
    ["jlam restore -e production --into staging --anonymised --key operations.key", "members and diaries to try things out on, and nobody's"],
    ["jlam restore -e production --into production2 --with-people --key operations.key", "production moves; real data in an environment that isn't its own"],
  ]);
  command.addHelpText("after", "\nVisitors are kept out until all is back, compared, and everybody who was erased is erased again.");
  command.action(async (set: string | undefined, options: Options) => {
    const { environment: from, into = from } = options;
    refuseContradictions(set, options);
    if (options.to !== undefined) return restoreInstant(readInstant(options.to), options);
    if (options.anonymised) return restoreAnonymised(set, options);
    const only = idsOf({ databases: options.database, volumes: options.volume });
    const prepared = await prepareRestore({ root: repositoryRoot, set, from, into, only, keyFile: options.key });
    say(`The set ${prepared.manifest.id} of ${from} would replace in ${into}:`);
    for (const loss of prepared.losses) say(`  ${loss}`);
    await agreeToReplace("Restore it", into, options);
    const result = await prepared.run(onTerminal);
    if (options.json) return printJson({ set: prepared.manifest.id, ...result });
    printSteps(result.steps);
    print(`${only.length === 0 ? into : `${only.join(" and ")} of ${into}`} is as it was at ${instantInWords(new Date(prepared.manifest.window.to))}.`);
  });
}

/** Asks before anything in the environment is replaced, and makes a set of it first unless told not to. @throws PersonError without a yes */
async function agreeToReplace(what: string, into: string, { yes, setFirst }: Options): Promise<void> {
  if (!(await confirm(`${what}${setFirst ? ", after a set was made of what is there" : ""}?`, { yes: yes === true, withoutTerminal: false }))) {
    throw new PersonError("Nothing was restored.", { fix: "Say --yes to restore without being asked." });
  }
  if (setFirst) await setOfWhatIsThere(into);
}

const setOfWhatIsThere = async (environment: string): Promise<unknown> =>
  await onTerminal.phase("Set of what is there", async () => ({ value: await takeSet(environment, await listContainers(projectName(environment)), repositoryRoot) }));

/** Words that are said for one way to restore mean nothing in another; whoever says them expects something else than would happen. */
function refuseContradictions(set: string | undefined, { environment, into = environment, to, rehearse, anonymised, withPeople, dump, volume }: Options): void {
  const contradiction = [
    { said: into !== environment && !anonymised && !withPeople, text: `Everybody of ${environment} would be in ${into}, with their medical data.`, fix: "Say --anonymised for a copy without people, or --with-people where that is meant." },
    { said: withPeople && (anonymised || into === environment), text: "--with-people is for real data in another environment.", fix: "Leave it out, or say --into ENVIRONMENT without --anonymised." },
    { said: to !== undefined && anonymised, text: "A copy without people is made of a set, not of an instant.", fix: "Leave out --to or --anonymised." },
    { said: to !== undefined && set !== undefined, text: "An instant isn't in one set.", fix: "Leave out --to, or the set." },
    { said: to !== undefined && volume.length > 0, text: "A volume can't be brought back as at an instant.", fix: "Take it from a set: leave out --to." },
    { said: rehearse && to === undefined, text: "Only an instant can be rehearsed.", fix: "Say --to, or prove a set by `jlam backup verify --restored`." },
    { said: dump !== undefined && !anonymised, text: "Only a copy without people is written to a file.", fix: "Say --anonymised, or leave out --dump." },
  ].find(({ said }) => said);
  if (contradiction) throw new PersonError(contradiction.text, { fix: contradiction.fix, exitCode: 2 });
}

/** Restores as at an instant, or only shows that it could be. */
async function restoreInstant(instant: Date, options: Options): Promise<void> {
  const { environment: from, into = from } = options;
  const prepared = await prepareInstant({ root: repositoryRoot, instant, from, into, only: idsOf({ databases: options.database }), keyFile: options.key });
  const when = instantInWords(instant);
  if (options.rehearse) {
    const { steps } = await prepared.rehearse(onTerminal);
    if (options.json) return printJson({ to: instant.toISOString(), rehearsed: true, steps });
    return print(`${from} could be brought back as it was at ${when}. Nothing was replaced.`);
  }
  say(`Going back to ${when} would lose in ${into}:`);
  for (const loss of prepared.losses) say(`  ${loss}`);
  await agreeToReplace("Go back", into, options);
  const result = await prepared.run(onTerminal);
  if (options.json) return printJson({ to: instant.toISOString(), ...result });
  printSteps(result.steps);
  print(`${prepared.paths.map(({ database }) => database).join(", ")} ${prepared.paths.length === 1 ? "is" : "are"} as at ${when}.`);
}

/** Puts a copy without people into another environment, or into a file. */
async function restoreAnonymised(set: string | undefined, options: Options): Promise<void> {
  const { environment: from, into, dump } = options;
  if ((into === undefined) === (dump === undefined)) throw new PersonError("Where does the copy go?", { fix: "Say --into ENVIRONMENT, or --dump FILE.", exitCode: 2 });
  const to = dump === undefined ? { kind: "environment", name: into ?? from } as const : { kind: "file", path: dump } as const;
  const prepared = await prepareCopy({ root: repositoryRoot, set, from, to, only: idsOf({ databases: options.database }), keyFile: options.key });
  say(`The set ${prepared.manifest.id} of ${from}, without people, ${to.kind === "file" ? `would be written to ${to.path}` : `would replace in ${to.name}`}:`);
  for (const line of prepared.words) say(`  ${line}`);
  if (!(await confirm("Make the copy?", { yes: options.yes === true, withoutTerminal: false }))) throw new PersonError("No copy was made.", { fix: "Say --yes to make it without being asked." });
  if (to.kind === "environment" && options.setFirst) await setOfWhatIsThere(to.name);
  const { steps } = await prepared.run(onTerminal);
  if (options.json) return printJson({ set: prepared.manifest.id, steps });
  printSteps(steps);
  print(`The copy is ${to.kind === "file" ? `in ${to.path}` : `in ${to.name}`}; nobody of ${from} is in it.`);
}
