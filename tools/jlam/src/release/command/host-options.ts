/** Which host an environment is on, and how it is reached. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { PersonError } from "../../terminal/failure.ts";
import type { Destination } from "../host/ssh.ts";

export interface HostOptions {
  readonly host?: string;
  readonly port: number;
  readonly knownHosts?: string;
  readonly identity?: string;
}

/** Adds the options to a command. */
export function withHostOptions(command: Command): Command {
  return command
    .option("--host <user@name>", "host to reach by SSH; else JLAM_HOST, else deploy@ the environment's domain")
    .option("--port <number>", "port of its sshd", portNumber, 22)
    .option("--known-hosts <file>", "file with the host's own key; else environments/<name>/known_hosts")
    .option("--identity <file>", "private key to sign in with; else JLAM_SSH_KEY, else what ssh itself would take");
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError("Write a port, such as 22.");
  return port;
}

/**
 * Where the environment's host is.
 * @throws PersonError where nobody noted the host's key: whoever answers would be believed
 */
export function destinationOf({ name, node }: ResolvedEnvironment, { host, port, knownHosts, identity }: HostOptions, root: string): Destination {
  const variable = (key: string): string | undefined => (process.env[key] === "" ? undefined : process.env[key]);
  const known = knownHosts ?? join(root, "environments", name, "known_hosts");
  const key = identity ?? variable("JLAM_SSH_KEY");
  const address = host ?? variable("JLAM_HOST") ?? `deploy@${node.domain}`;
  if (!existsSync(known)) {
    throw new PersonError(`Nobody noted the key of ${name}'s host.`, {
      where: known,
      why: "without it, whoever answers under its name would be given the release and its secrets",
      fix: `Compare \`ssh-keyscan -t ed25519 ${address.replace(/^.*@/, "")}\` with what the host's console shows, and commit it as environments/${name}/known_hosts.`,
    });
  }
  return { address, port, knownHosts: known, ...(key !== undefined && { identity: key }) };
}
