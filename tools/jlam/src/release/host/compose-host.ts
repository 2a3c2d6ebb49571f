/** A host that runs Compose and is reached by SSH: everything it does is a command of host.sh, which is brought along. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request, type RequestOptions } from "node:http";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { liveFolderVariable, releaseFolderVariable, releaseSecretsVariable, secretsFolderVariable } from "@jlam/compose-dsl";
import { pack } from "tar-stream";
import { parseCopies, parseFacts } from "./facts.ts";
import { HostFailure, LockTaken, type Answer, type Door, type Host, type Luggage, type Question } from "./host.ts";
import { connect, type Connection, type Destination } from "./ssh.ts";

/** Where an environment's files are on its host. */
export const rootOf = (environment: string): string => `/srv/jlam/${environment}`;

/** What a command of host.sh exits with, as host.sh says it. */
const exits = { held: 3, full: 4, busy: 75 } as const;

/** Longest time of a command in milliseconds: of most, and of those that move images or wait for programs. */
const quick = 30_000;
const slow = 600_000;

/**
 * Connects to an environment's host and brings host.sh there.
 * @throws HostFailure where it can't be reached, or Docker or /srv/jlam is out of reach for the user
 */
export async function openComposeHost(environment: string, destination: Destination): Promise<Host> {
  const root = rootOf(environment);
  const script = await readFile(join(import.meta.dirname, "host.sh"), "utf8");
  // Named by its content, so that deployers of two versions of jlam don't change each other's.
  const program = `${root}/bin/${createHash("sha256").update(script).digest("hex").slice(0, 16)}.sh`;
  const { connection, hasFile } = await connect(destination, program);
  try {
    if (!hasFile) await install(connection, program, script, destination);
  } catch (error) {
    await connection.close();
    throw error;
  }
  const call = async (command: string, args: readonly (string | number)[] = [], { input = "", timeout = quick }: { readonly input?: Uint8Array | string; readonly timeout?: number } = {}): Promise<string> => {
    const { exitCode, stdout, stderr } = await connection.run(["sh", program, root, command, ...args.map(String)], input, timeout);
    if (exitCode === 0) return stdout;
    const words = stderr.trim();
    if (exitCode === exits.held) throw lockTaken(stdout, words);
    throw new HostFailure(words === "" ? `${command} failed on ${destination.address}.` : words, causeOf(exitCode, words));
  };
  const lines = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");
  return {
    name: destination.address,
    claim: async (lease, { who, purpose }) => Number(await call("claim", [seconds(lease), who, purpose])),
    renew: async (token, lease) => void (await call("renew", [token, seconds(lease)])),
    free: async (token) => void (await call("free", [token])),
    facts: async () => parseFacts(await call("facts")),
    copies: async () => parseCopies(await call("copies")),
    journal: () => call("journal"),
    append: async (token, size, text) => void (await call("append", [token, size], { input: text })),
    mendJournal: async (token) => void (await call("mend", [token])),
    upload: async (token, luggage) => void (await call("receive", [token, luggage.folder], { input: await packed(luggage, root), timeout: slow })),
    read: (release, path) => call("read", [`releases/${release}/${path}`]),
    pull: async (token, references) => void (await call("pull", [token, ...references], { timeout: slow })),
    present: async (references) => new Set(lines(await call("present", references))),
    definitions: async (release) => new Map(lines(await call("hashes", [release])).map((line) => pair(line))),
    configure: async (token, release, switched) => lines(await call("live", [token, release, ...switched])),
    start: async (token, release, services, options = {}) => void (await call("start", [token, release, options.anew === true ? "--force-recreate" : "", options.colour ?? "", ...services], { timeout: slow })),
    runJob: async (token, release, job, { command = [], timeout }) => void (await call("compose", [token, release, "run", "--rm", "--no-deps", "--no-TTY", "--quiet-pull", job, ...command], { timeout })),
    runIn: async (token, service, command, { timeout }) => await call("inside", [token, service, ...command], { timeout }),
    place: async (token, release, path, watched) => void (await call("place", [token, release, path, watched])),
    signal: async (token, signal, services) => void (await call("signal", [token, signal, ...services])),
    stop: async (token, services) => void (await call("stop", [token, ...services], { timeout: slow })),
    remove: async (token, services) => void (await call("remove", [token, ...services], { timeout: slow })),
    prune: async (token, kept) => void (await call("prune", [token, ...kept], { timeout: slow })),
    lastWords: (service) => call("logs", [service]),
    ask: (question) => ask(connection, question),
    door: (address, port) => openDoor(connection, address, port),
    close: () => connection.close(),
  };
}

/** An engine that is being restarted is out of reach for a moment, like a connection that was cut. */
function causeOf(exitCode: number, words: string): HostFailure["cause_"] {
  if (exitCode === exits.busy) return "busy";
  if (exitCode === exits.full || /no space left on device/i.test(words)) return "disk-full";
  return /cannot connect to the docker daemon|error during connect|docker does not answer/i.test(words) ? "unreachable" : "refused";
}

const seconds = (milliseconds: number): number => Math.ceil(milliseconds / 1000);

const pair = (line: string): readonly [string, string] => {
  const [service = "", hash = ""] = line.split(" ");
  return [service, hash];
};

async function install(connection: Connection, program: string, script: string, { address }: Destination): Promise<void> {
  const command = `mkdir -p "$(dirname ${program})" && cat > ${program}.$$ && mv ${program}.$$ ${program}`;
  const { exitCode, stderr } = await connection.run(["sh", "-c", command], script, quick);
  if (exitCode !== 0) throw new HostFailure(`${address} has no place for releases: ${stderr.trim()}`, /no space left/i.test(stderr) ? "disk-full" : "refused");
}

/** host.sh prints holder, purpose and end of the lease where the lock is taken; a late writer only gets words. */
function lockTaken(stdout: string, words: string): LockTaken {
  const [who, purpose, until] = stdout.split("\n");
  return until === undefined || who === undefined ? new LockTaken(words) : new LockTaken(`${who} (${purpose ?? ""})`, new Date(Number(until) * 1000));
}

/** One archive. Who may read secrets is decided by the folder's mode: each file is mounted alone into its one container. */
async function packed({ folder, files, secrets, variables, images }: Luggage, root: string): Promise<Uint8Array> {
  const archive = pack();
  archive.entry({ name: "host.env" }, hostVariables(`${root}/releases/${folder}`, root, variables, images));
  for (const [path, text] of files) archive.entry({ name: path, mode: 0o644 }, text);
  for (const [path, value] of secrets) archive.entry({ name: `secrets/${path}`, mode: 0o444 }, value);
  archive.finalize();
  return await buffer(archive);
}

/** One request through the SSH connection. */
async function ask(connection: Connection, { address, port, path, headers = {}, serverName, timeout }: Question): Promise<Answer> {
  const socketPath = await connection.tunnel(address, port);
  return await new Promise<Answer>((resolve, reject) => {
    // Of the whole: behind the tunnel, an address that drops packets is tried for minutes before anybody is told.
    const signal = AbortSignal.timeout(timeout);
    const failed = (error: Error): void => reject(new HostFailure(`${address}:${port}${path} does not answer: ${signal.aborted ? `no answer within ${timeout} ms` : error.message}`, "unreachable"));
    const socket = connectSocket(socketPath);
    // Who visits the site checks its certificate; here the SSH connection already proved which host this is.
    const stream = serverName === undefined ? socket : connectTls({ socket, servername: serverName, rejectUnauthorized: false });
    socket.once("error", failed);
    const options: RequestOptions = { createConnection: () => stream, path, headers: { host: serverName ?? `${address}:${port}`, connection: "close", ...headers }, signal };
    const asked = request(options, (response) => {
      const parts: string[] = [];
      response.setEncoding("utf8").on("data", (part: string) => parts.push(part));
      response.once("error", failed);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: flat(response.headers), body: parts.join("") }));
    });
    asked.once("error", failed);
    asked.end();
  });
}

/** What the Compose files read on this host. Images stand beside it as comments, for whoever prunes. */
function hostVariables(folder: string, root: string, variables: Luggage["variables"], images: Luggage["images"]): string {
  const all = {
    [liveFolderVariable]: `${root}/live`,
    [releaseFolderVariable]: folder,
    [secretsFolderVariable]: `${root}/secrets`,
    [releaseSecretsVariable]: `${folder}/secrets`,
    ...variables,
  };
  return [...Object.entries(all).map(([name, value]) => `${name}=${value}`), ...images.map((image) => `# image ${image}`), ""].join("\n");
}

/** Listens on this machine's loopback, and leads every connection through the SSH connection. */
async function openDoor(connection: Connection, address: string, port: number): Promise<Door> {
  const socketPath = await connection.tunnel(address, port);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connectSocket(socketPath);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      open.add(one);
      one.once("error", () => other.destroy()).once("close", () => open.delete(one)).pipe(other);
    }
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const listening = server.address();
  if (listening === null || typeof listening === "string") throw new HostFailure("This machine gives no port to listen on.", "refused");
  return {
    host: "127.0.0.1",
    port: listening.port,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const flat = (headers: NodeJS.Dict<string | string[]>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]));
