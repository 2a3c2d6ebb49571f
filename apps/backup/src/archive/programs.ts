/** PostgreSQL's programs that copy a server and receive its changes, as its login for replication. */
import { z } from "zod";
import { connectionEnvironment, type PasswordFile } from "../database/programs.ts";
import type { DatabaseAddress } from "../database/session.ts";
import { BackupError } from "../failure.ts";
import { runPrograms, type Program } from "../programs/pipeline.ts";

/** How the server is reached: its address as the replication login, its password file, and the folder of the programs. */
export interface Server {
  readonly address: DatabaseAddress;
  readonly password: PasswordFile;
  readonly bin: string;
}

/** Name of the slot in which the server keeps what wasn't received yet. */
const slot = "jlam_archive";

const program = ({ address, password, bin }: Server, command: string, args: readonly string[]): Program => ({ command: `${bin}/${command}`, args: ["--no-password", ...args], environment: connectionEnvironment(address, password) });

/** Writes changes into files of the directory until it is stopped, beginning where the slot or the last file ends. */
export const receive = (server: Server, directory: string): Program => program(server, "pg_receivewal", [`--slot=${slot}`, `--directory=${directory}`, "--no-loop", "--status-interval=5"]);

export const createSlot = (server: Server): Program => program(server, "pg_receivewal", [`--slot=${slot}`, "--create-slot", "--if-not-exists"]);
export const dropSlot = (server: Server): Program => program(server, "pg_receivewal", [`--slot=${slot}`, "--drop-slot"]);

/** A copy of the server as a tar archive, its manifest last; with the manifest of an earlier one, only what has changed since. */
export const copyServer = (server: Server, priorManifest: string | undefined): Program =>
  program(server, "pg_basebackup", ["--format=tar", "--pgdata=-", "--wal-method=none", "--checkpoint=fast", ...(priorManifest === undefined ? [] : [`--incremental=${priorManifest}`])]);

const ask = (server: Server, command: string): Promise<string> => runPrograms([program(server, "psql", ["--no-psqlrc", "--tuples-only", "--no-align", "--dbname=dbname=postgres replication=true", `--command=${command}`])]);

/** `17` of a server 17.7. */
export const askMajor = async (server: Server): Promise<number> => Math.floor(Number(await ask(server, "SHOW server_version_num")) / 10_000);

export interface Position {
  readonly system: string;
  readonly timeline: number;
  readonly lsn: string;
}

/** Where the server's changes end now. Asked for on a connection for replication, since the login has no other. */
export async function askPosition(server: Server): Promise<Position> {
  const answer = await ask(server, "IDENTIFY_SYSTEM");
  const [system, timeline, lsn] = answer.trim().split("|");
  if (system === undefined || timeline === undefined || lsn === undefined) throw new BackupError(`${server.address.id} doesn't say who it is: ${answer}`, { fix: "Look at the server's log." });
  return { system, timeline: Number(timeline), lsn };
}

const manifestSchema = z.object({ "WAL-Ranges": z.array(z.object({ Timeline: z.number(), "Start-LSN": z.string(), "End-LSN": z.string() })).length(1) });

/** What the manifest of a base says of the changes that it needs. @throws BackupError where it isn't one of a single timeline */
export function changesNeeded(manifest: string): { readonly timeline: number; readonly startLsn: string; readonly endLsn: string } {
  const found = manifestSchema.safeParse(JSON.parse(manifest)).data?.["WAL-Ranges"][0];
  if (found === undefined) throw new BackupError("The manifest of the base backup can't be understood.", { fix: "Look whether the server was promoted meanwhile; the next base is made whole." });
  return { timeline: found.Timeline, startLsn: found["Start-LSN"], endLsn: found["End-LSN"] };
}
