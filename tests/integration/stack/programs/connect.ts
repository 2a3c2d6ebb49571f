/** Runs inside a container's network: tries a TCP connection to every target of PROBE_INPUT at once, and prints what came. */
import { connect } from "node:net";

interface Target {
  readonly host: string;
  readonly port: number;
}

/** A container of the same host answers within milliseconds; names are looked up by Docker's own resolver. */
const limit = 3_000;

async function attempt({ host, port }: Target): Promise<string> {
  const socket = connect({ host, port });
  try {
    return await new Promise<string>((resolve) => {
      socket.once("connect", () => resolve("connected"));
      socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.setTimeout(limit, () => resolve("silence"));
    });
  } finally {
    socket.destroy();
  }
}

const targets: readonly Target[] = JSON.parse(process.env["PROBE_INPUT"] ?? "[]");
process.stdout.write(JSON.stringify(await Promise.all(targets.map(attempt))));
