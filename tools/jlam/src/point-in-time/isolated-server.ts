/** A PostgreSQL server that nobody reaches: without a network, in a volume of its own, gone when it is closed. */
import { execa, ExecaError } from "execa";
import { wordsOf, type Called } from "../recovery/reader.ts";
import { PersonError } from "../terminal/failure.ts";

export interface IsolatedServer {
  /** Id of its container. */
  readonly id: string;
  /** Runs a shell script in it, with the arguments as `$@`. @throws PersonError with the script's own words */
  run(what: string, script: string, options?: { readonly args?: readonly string[]; readonly input?: string }): Promise<string>;
  /** The same, reading what another program writes from a private key; it counts only if both end well. */
  feed(what: string, from: Called, key: string, script: string, args?: readonly string[]): Promise<void>;
  /** SQL as superuser, tuples alone. */
  sql(database: string, statements: string): Promise<string>;
  /** Its container and everything in it is gone. */
  close(): Promise<void>;
}

/** Where it keeps everything: the image's own folder for data, whose owner a new volume takes over. */
export const workFolder = "/var/lib/postgresql/data";
const socket = "/tmp";

/** Starts the container with nothing running in it. */
export async function openIsolated(image: string): Promise<IsolatedServer> {
  const { stdout: id } = await execa("docker", [
    "run", "--detach", "--init", "--label", "nl.jlam.recovery=isolated", "--network", "none", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only", "--memory", "1g", "--pids-limit", "128",
    "--user", "999:999", "--volume", workFolder, "--tmpfs", "/tmp:mode=1777", "--env", `PGHOST=${socket}`, "--env", "PGUSER=postgres", "--entrypoint", "sleep", image, "infinity",
  ]);
  const command = (script: string, args: readonly string[]) => ["exec", "--interactive", id, "sh", "-euc", script, "sh", ...args];
  const run: IsolatedServer["run"] = async (what, script, { args = [], input = "" } = {}) => {
    try {
      return (await execa("docker", command(script, args), { input })).stdout;
    } catch (error) {
      throw refusal(what, error);
    }
  };
  return {
    id,
    run,
    feed: async (what, from, key, script, args = []) => {
      const source = execa(from.program, from.args, { input: key, encoding: "buffer", buffer: { stdout: false } });
      const ended = source.then(() => undefined, (error: unknown) => error);
      try {
        await source.pipe("docker", command(script, args));
      } catch (error) {
        throw refusal(what, (await ended) ?? error);
      }
    },
    sql: (database, statements) => run("The isolated server refuses.", 'psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --dbname="$1" --file=-', { args: [database], input: statements }),
    close: async () => void (await execa("docker", ["rm", "--force", "--volumes", id], { reject: false })),
  };
}

const refusal = (what: string, error: unknown): unknown => (error instanceof ExecaError ? new PersonError(what, { why: wordsOf(error), cause: error }) : error);

/** Settings of every server in there: reached by its socket alone, by the container's own user, and with nothing to survive. */
const isolatedSettings: Readonly<Record<string, string>> = {
  listen_addresses: "",
  unix_socket_directories: socket,
  hba_file: `${workFolder}/hba`,
  fsync: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  shared_preload_libraries: "",
  hot_standby: "off",
  summarize_wal: "off",
};

/** Starts PostgreSQL on a data folder and waits until it takes connections, however long a recovery takes; returns its log where it ends instead. */
export async function startPostgres(server: IsolatedServer, data: string, settings: Readonly<Record<string, string>>): Promise<{ readonly up: true } | { readonly up: false; readonly log: string }> {
  const lines = Object.entries({ ...isolatedSettings, ...settings }).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`).join("");
  // A configuration of its own, since what the server was started with isn't in its files.
  await server.run("The isolated server can't be set up.", `cat > ${workFolder}/settings && echo "local all all trust" > ${workFolder}/hba`, { input: lines });
  const said = await server.run("The isolated server can't be started.", `
    : > ${workFolder}/log
    if pg_ctl start --silent --wait --timeout=36000 --pgdata="$1" --log=${workFolder}/log --options="-c config_file=${workFolder}/settings" > /dev/null 2>&1; then echo up; else tail -n 40 ${workFolder}/log; fi`, { args: [data] });
  return said.trim() === "up" ? { up: true } : { up: false, log: said };
}
