/**
 * A repository of a test's own: a clone with an origin, environments, the people who work in it, and `jlam` as they run
 * it: a program of its own for every command.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { namespaces } from "../../../tools/jlam/src/release/record/signature.ts";
import { createIdentity } from "../../../tools/jlam/src/secrets/sealed/identity.ts";
import { recipientRoles, writeRecipients } from "../../../tools/jlam/src/secrets/sealed/recipients.ts";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";

/** Anna approves, Bram writes and deploys, CI vouches for tests. */
export type Person = "anna" | "bram" | "ci";

/** What one command did. */
export interface Said {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from its start to its end. */
  readonly took: number;
}

export interface TestRepository {
  readonly root: string;
  /** The repository that everybody pushes to. */
  readonly origin: string;
  /** Files of people: keys and identities, outside the repository. */
  readonly pocket: string;
  /** Everything that any command printed, with its arguments. */
  readonly said: readonly string[];
  /** Runs one command as somebody; `input` is what they type. */
  readonly jlam: (who: Person, args: readonly string[], input?: string) => Promise<Said>;
  /** Commits what changed, and pushes it to main. */
  readonly commit: (who: Person, message: string) => Promise<string>;
  /** The same command as a program with its arguments, for whoever runs it elsewhere: on the host itself, which sees these files. */
  readonly program: (who: Person, args: readonly string[]) => readonly [program: string, ...args: string[]];
  readonly remove: () => void;
}

export interface EnvironmentFacts {
  readonly name: string;
  readonly domain: string;
  readonly range: string;
  readonly soak?: string;
  /** The public key of its host, as ssh has it. */
  readonly knownHosts: string;
}

export interface RepositoryFacts {
  readonly environments: readonly EnvironmentFacts[];
  /** `host:port`, as this machine names it. */
  readonly registry: string;
  /** Digests of the images that aren't ours. */
  readonly lock: Readonly<Record<string, string>>;
  /** File that says what the environments are made of, by its function `place`. */
  readonly platform: string;
  /** Puts into it what this one has beside the rest, before anything is committed. */
  readonly furnish: (root: string) => Promise<void>;
}

/** Longest that one command may take, in milliseconds: a deploy pulls, waits and watches. */
const timeout = 300_000;

const declaration = ({ name, domain, range, soak }: EnvironmentFacts, registry: string): string => `import { place } from "../platform.ts";
import lock from "./images.lock.json" with { type: "json" };
import sealed from "./secrets.age.json" with { type: "json" };

export default place(${JSON.stringify(name)}, { domain: ${JSON.stringify(domain)}, range: ${JSON.stringify(range)}, registry: ${JSON.stringify(registry)}, lock, sealed${soak === undefined ? "" : `, soak: ${JSON.stringify(soak)}`} });
`;

/** Makes it, with everything that docs/releasing.md wants "once": keys, who may sign, keys of hosts, recipients. */
export async function makeRepository(facts: RepositoryFacts): Promise<TestRepository> {
  const folder = mkdtempSync(join(tmpdir(), "jlam-bed-repository-"));
  try {
    return await filled(folder, facts);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function filled(folder: string, { environments, registry, lock, platform, furnish }: RepositoryFacts): Promise<TestRepository> {
  const [root, origin, pocket] = [join(folder, "clone"), join(folder, "origin.git"), join(folder, "pocket")];
  for (const made of [root, pocket]) mkdirSync(made, { mode: 0o700 });
  const people: readonly Person[] = ["anna", "bram", "ci"];
  for (const who of people) await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(pocket, who)]);
  const identity = join(pocket, "administrator.age");

  const said: string[] = [];
  const git = (who: Person, ...args: readonly string[]) => execa("git", ["-c", `user.name=${who}`, "-c", `user.email=${who}@example.nl`, ...args], { cwd: root, timeout: 60_000 });
  const main = join(root, "tools/jlam/src/main.ts");
  const variablesOf = (who: Person): Readonly<Record<string, string>> => ({ GIT_AUTHOR_NAME: who, GIT_AUTHOR_EMAIL: `${who}@example.nl`, GIT_COMMITTER_NAME: who, GIT_COMMITTER_EMAIL: `${who}@example.nl`, JLAM_SIGNING_KEY: join(pocket, who), JLAM_AGE_IDENTITY_FILE: identity, JLAM_DEBUG: "1", NODE_COMPILE_CACHE: join(folder, "compiled") });
  const program: TestRepository["program"] = (who, args) => ["env", ...Object.entries(variablesOf(who)).map(([name, value]) => `${name}=${value}`), process.execPath, main, ...args];
  const jlam = async (who: Person, args: readonly string[], input = ""): Promise<Said> => {
    const began = performance.now();
    const { exitCode, stdout, stderr } = await execa(process.execPath, [main, ...args], { cwd: root, input, timeout, reject: false, env: variablesOf(who) });
    said.push(`${who}: jlam ${args.join(" ")}\n${stdout}\n${stderr}`);
    return { exitCode, stdout, stderr, took: performance.now() - began };
  };
  const mustJlam = async (who: Person, args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await jlam(who, args);
    if (exitCode !== 0) throw new Error(`jlam ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const commit = async (who: Person, message: string): Promise<string> => {
    await git(who, "add", ".");
    await git(who, "commit", "--quiet", "-m", message);
    await git(who, "push", "--quiet", "origin", "main");
    return (await git(who, "rev-parse", "HEAD")).stdout;
  };

  await execa("git", ["init", "--quiet", "--bare", "--initial-branch=main", origin]);
  await git("bram", "init", "--quiet", "--initial-branch=main");
  await git("bram", "remote", "add", "origin", origin);
  cpSync(join(repositoryRoot, "tools/jlam"), join(root, "tools/jlam"), { recursive: true, filter: (source) => !source.includes("node_modules") });
  for (const shared of ["node_modules", "tools/jlam/node_modules"]) if (existsSync(join(repositoryRoot, shared))) symlinkSync(join(repositoryRoot, shared), join(root, shared));
  for (const shared of ["tsconfig.base.json", ".node-version", "package.json", "package-lock.json"]) cpSync(join(repositoryRoot, shared), join(root, shared));
  writeFileSync(join(root, ".gitignore"), "node_modules\n.jlam\n");
  mkdirSync(join(root, "apps"));
  mkdirSync(join(root, "environments"));
  cpSync(platform, join(root, "environments/platform.ts"));
  await furnish(root);

  cpSync(join(repositoryRoot, "environments/tsconfig.json"), join(root, "environments/tsconfig.json"));
  writeFileSync(join(root, "environments/package.json"), '{ "type": "module" }\n');
  const signer = (who: Person, ...granted: readonly string[]): string => `${who}@example.nl namespaces="${granted.join(",")}" ${readFileSync(join(pocket, `${who}.pub`), "utf8").split(" ").slice(0, 2).join(" ")}\n`;
  for (const facts of environments) {
    const own = join(root, "environments", facts.name);
    mkdirSync(own);
    writeFileSync(join(own, "environment.ts"), declaration(facts, registry));
    writeFileSync(join(own, "images.lock.json"), `${JSON.stringify(lock, undefined, 2)}\n`);
    writeFileSync(join(own, "secrets.age.json"), '{ "format": 1, "secrets": {} }\n');
    writeFileSync(join(own, "package.json"), '{ "type": "module" }\n');
    writeFileSync(join(own, "known_hosts"), facts.knownHosts);
    writeFileSync(join(own, "allowed_signers"), [signer("anna", namespaces.approval), signer("bram", namespaces.approval, namespaces.journal), signer("ci", namespaces.evidence, namespaces.journal)].join(""));
  }
  const recipients = await Promise.all(recipientRoles.map(async (role) => ({ role, name: `the ${role}`, recipient: await createIdentity(role === "administrator" ? identity : join(pocket, `${role}.age`)) })));
  for (const { name } of environments) writeRecipients(root, name, recipients);
  await Promise.all(environments.map(({ name }) => mustJlam("bram", ["secrets", "set", name, "--generate"])));
  await mustJlam("bram", ["synth"]);
  return { root, origin, pocket, said, jlam, program, commit, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
