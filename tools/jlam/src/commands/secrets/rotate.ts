/** `jlam secrets rotate`: from one version of a value to the next, with both alive until the old one is revoked. */
import { Option, type Command } from "commander";
import { administratorPassword } from "../../databases/administrator-password.ts";
import { certificateAuthority, managedDatabase } from "../../databases/managed.ts";
import { wantedSecret, type Target } from "../../secrets/change.ts";
import { givenValue } from "../../secrets/given-value.ts";
import { loginServer, type LoginServer } from "../../secrets/rotation/login-server.ts";
import { stepNames, type StepName } from "../../secrets/rotation/plan.ts";
import { rotate, rotationProgress, takeBack, type RotationProgress } from "../../secrets/rotation/rotate.ts";
import { readIdentities } from "../../secrets/sealed/identity.ts";
import { examples } from "../../terminal/examples.ts";
import { PersonError } from "../../terminal/failure.ts";
import { print, printJson, printTable, say } from "../../terminal/output.ts";
import { targetOf, withIdentity } from "./target.ts";

interface Options {
  readonly plan?: true;
  readonly done?: StepName;
  readonly takeBack?: true;
  readonly identity?: string;
  readonly administrator?: string;
  readonly passwordFile?: string;
  readonly certificateAuthority?: string;
  readonly maintenanceDatabase: string;
  readonly json?: true;
}

export function registerRotate(command: Command): void {
  command
    .summary("replace a value, with both versions alive on the way")
    .description("Goes on with the rotation of a secret, or begins one: step by step until somebody else has to act, which is then said. It may be interrupted and run again anywhere; environments/<name>/rotations.json says how far it is.");
  command.argument("<environment>").argument("<secret>", "its id, as `jlam secrets list` shows it");
  command.option("--plan", "show the steps and how far it is, and change nothing").addOption(new Option("--done <step>", "you did the step that it waits for").choices(stepNames)).option("--take-back", "go back to the old version");
  withIdentity(command)
    .option("--administrator <user>", "for a database's password: login of the server's administrator")
    .option("--password-file <file>", "file with the administrator's password; asked for on the terminal without it")
    .option("--certificate-authority <file>", "PEM file of the authority that signed the server's certificate; the environment's own without it")
    .option("--maintenance-database <name>", "a database that is always there", "rdb")
    .option("--json", "print where it stands as JSON");
  examples(command, [
    ["jlam secrets rotate staging web.SESSION_KEY --plan", "what it consists of"],
    ["jlam secrets rotate staging postgres-app.application --administrator jlam_admin", "begin, or go on"],
    ["jlam secrets rotate staging mail-outgoing.sender < new-key", "a value that somebody else issued"],
    ["jlam secrets rotate staging web.SESSION_KEY --done deploy", "it is deployed: go on"],
    ["jlam secrets rotate staging web.SESSION_KEY --take-back", "back to the old version"],
  ]);
  command.action(async (name: string, id: string, options: Options) => {
    const target = await targetOf(name, options.plan === true);
    const server = (): Promise<LoginServer> => serverOf(target, id, options);
    if (options.takeBack && !options.plan) {
      const { state } = await takeBack(target, id, { done: options.done, server });
      if (options.json) return printJson({ secret: id, state });
      return print(state === "returning" ? `Consumers get the old version from the next deploy on. Deploy, then run this again with --done deploy.` : `The rotation of ${id} was taken back.`);
    }
    const standing = rotationProgress(target, id);
    const begins = standing.waitsFor?.name === "add" && wantedSecret(target.environment, id).kind === "provided";
    const progress = options.plan
      ? standing
      : await rotate(target, id, { value: begins ? await givenValue(`Next value of ${id}`) : undefined, done: options.done, identities: () => readIdentities(options.identity), server });
    if (options.json) return printJson(progress);
    tell(progress, target.environment.name, options.plan === true);
  });
}

function tell({ rotation, steps, waitsFor }: RotationProgress, environment: string, planned: boolean): void {
  const at = (name: StepName): string => rotation.done.find(({ step }) => step === name)?.at ?? "";
  printTable(["STEP", "BY", "WHAT", "DONE"], steps.map(({ name, by, what }) => [name, by, what, at(name)]));
  if (waitsFor === undefined) say(`Version ${rotation.to} of ${rotation.secret} is in use, and version ${rotation.from} is gone.`);
  else if (waitsFor.by === "person" && !planned) say(`Next, by you: ${waitsFor.what}. Then: \`jlam secrets rotate ${environment} ${rotation.secret} --done ${waitsFor.name}\`.`);
}

async function serverOf({ environment, root }: Target, id: string, options: Options): Promise<LoginServer> {
  const { login } = wantedSecret(environment, id);
  if (login === undefined) throw new RangeError(`"${id}" is no database's password`);
  const { administrator: user } = options;
  if (user === undefined) throw new PersonError("This step is done on the database, as its server's administrator.", { fix: "Name the administrator's login with --administrator.", exitCode: 2 });
  const { database, host, port } = managedDatabase(environment, login.database, root);
  const authority = await certificateAuthority(environment, database, { root, file: options.certificateAuthority, identity: options.identity });
  const password = await administratorPassword(user, options.passwordFile);
  return loginServer({ host, port, user, password, maintenanceDatabase: options.maintenanceDatabase, tls: { kind: "verify-full", certificateAuthority: authority } });
}
