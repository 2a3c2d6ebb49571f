/** HTTP with a program that only its environment's own networks reach. */
import { spawn } from "node:child_process";
import { request } from "node:http";
import { connect } from "node:net";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { messageOf } from "../terminal/failure.ts";

export interface Inquiry {
  readonly method?: "GET" | "POST" | "DELETE";
  /** Path and query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly json?: unknown;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** Asks one program. @throws Unanswered where nothing answers within {@link patience} */
export type Ask = (inquiry: Inquiry) => Promise<Reply>;

/** Nobody answered, in the words of whoever carried the question. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
}

/** Milliseconds: programs answer within some, and a `docker exec` takes a tenth of a second, on a busy machine some seconds. */
const patience = 10_000;

/** A way to the program; `words` are what its carrier said when it broke, empty where it said nothing. */
interface Line {
  readonly stream: Duplex;
  readonly words: Promise<string>;
}

/**
 * Through a container's own `nc`, which images with BusyBox have: no port has to be open, and it works wherever the
 * engine is, on another machine or in a virtual one.
 * @param address where the program answers, as the container sees it
 */
export const throughContainer = (id: string, port: number, address = "127.0.0.1"): Ask =>
  asking(() => {
    const relay = spawn("docker", ["exec", "--interactive", id, "nc", address, String(port)], { stdio: "pipe" });
    const started = new Promise<string>((resolve) => relay.once("error", ({ message }) => resolve(message)));
    // Whoever has its answer hangs up, and need not hear how the relay took it.
    relay.stdin.on("error", () => undefined);
    const stream = Duplex.from({ readable: relay.stdout, writable: relay.stdin });
    stream.once("close", () => relay.kill());
    return { stream, words: Promise.race([started, text(relay.stderr)]) };
  });

/** By an address that this machine reaches itself, such as that of a door through SSH. */
export const atAddress = (host: string, port: number): Ask => asking(() => ({ stream: connect(port, host), words: Promise.resolve("") }));

const asking =
  (open: () => Line): Ask =>
  async ({ method = "GET", path, json }) => {
    const body = json === undefined ? undefined : JSON.stringify(json);
    const headers = { host: "localhost", connection: "close", ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }) };
    const { stream, words } = open();
    const signal = AbortSignal.timeout(patience);
    try {
      return await new Promise<Reply>((resolve, reject) => {
        stream.once("error", reject);
        request({ createConnection: () => stream, method, path, headers, signal }, (answer) => {
          text(answer).then((said) => resolve({ status: answer.statusCode ?? 0, body: said }), reject);
        })
          .once("error", reject)
          .end(body);
      });
    } catch (error) {
      if (signal.aborted) throw new Unanswered(`no answer within ${patience / 1000} s`, { cause: error });
      const said = (await words).trim();
      throw new Unanswered(said === "" ? messageOf(error) : said, { cause: error });
    } finally {
      // The other side may hang up first, and break what is left of the stream: the answer is there already.
      stream.on("error", () => undefined).destroy();
    }
  };
