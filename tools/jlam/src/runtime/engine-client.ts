/** The engine's API where the Docker client would find it: DOCKER_HOST, else the current context, else the usual socket. */
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { z } from "zod";
import { readIfThere } from "../secrets/private-file.ts";
import { messageOf, PersonError } from "../terminal/failure.ts";

const configuration = z.object({ currentContext: z.string().optional() });
const context = z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) });

/** A client of this machine's engine. */
export function engineClient(environment: NodeJS.ProcessEnv = process.env): Docker {
  // docker-modem reads DOCKER_HOST itself, in all its forms.
  if (environment["DOCKER_HOST"]) return new Docker();
  const host = contextHost(environment);
  if (host?.startsWith("unix://")) return new Docker({ socketPath: host.slice("unix://".length) });
  return new Docker();
}

/** The address in the current context, as `docker context` keeps it on disk; undefined for the default context. */
function contextHost(environment: NodeJS.ProcessEnv): string | undefined {
  const folder = environment["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
  const settings = configuration.safeParse(json(join(folder, "config.json"))).data;
  const name = environment["DOCKER_CONTEXT"] ?? settings?.currentContext;
  if (name === undefined || name === "" || name === "default") return undefined;
  const meta = join(folder, "contexts", "meta", createHash("sha256").update(name).digest("hex"), "meta.json");
  return context.safeParse(json(meta)).data?.Endpoints.docker.Host;
}

function json(path: string): unknown {
  try {
    return JSON.parse(readIfThere(path) ?? "null");
  } catch {
    // Docker's own client complains about a broken file; to us it says nothing.
    return null;
  }
}

/** Throws a PersonError where no engine answers; for commands that install nothing. */
export async function requireEngine(client: Docker): Promise<void> {
  try {
    await client.ping();
  } catch (error) {
    throw new PersonError("No Docker engine answers.", {
      why: messageOf(error),
      fix: "`jlam doctor` says what is missing; `jlam up` installs and starts it where it can.",
    });
  }
}
