/** Asks an OpenBao server over its HTTP API. */
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { PersonError } from "../../terminal/failure.ts";

export interface OpenBaoClient {
  /** What is at a path; undefined where nothing is. */
  read<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined>;
  write(path: string, body: unknown): Promise<void>;
}

/** Milliseconds for one answer: the server is near, and a deploy waits for it. */
const answerLimit = 10_000;

const refusal = z.object({ errors: z.array(z.string()) });

/**
 * A client with the token in `tokenFile`, or in ~/.bao-token, where `bao login` puts it.
 * @throws PersonError for a token file that can't be read, or that others may read
 */
export function openBaoClient(address: string, tokenFile: string | undefined): OpenBaoClient {
  const token = readToken(tokenFile ?? join(homedir(), ".bao-token"));
  const ask = async (method: "GET" | "POST", path: string, body?: unknown): Promise<Response> => {
    const url = `${address}/v1/${path}`;
    const response = await fetch(url, {
      method,
      headers: { "X-Vault-Token": token },
      // The token is for this server alone; one of a cluster forwards by itself.
      redirect: "error",
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerLimit),
    }).catch((error: unknown) => {
      throw new PersonError("OpenBao can't be reached.", { where: url, why: String(error instanceof Error && error.cause ? error.cause : error), fix: "Is it running and unsealed, and is its name right in environment.ts?" });
    });
    if (response.ok || response.status === 404) return response;
    throw new PersonError(`OpenBao refused (${response.status}).`, {
      where: url,
      why: refusal.safeParse(await response.json().catch(() => undefined)).data?.errors.join("\n"),
      fix: response.status === 403 ? "Take a token whose policy allows this path." : undefined,
    });
  };
  return {
    read: async (path, schema) => {
      const response = await ask("GET", path);
      if (response.status === 404) return undefined;
      const checked = schema.safeParse(await response.json());
      if (checked.success) return checked.data;
      // The answer itself may hold a value, so only the names of its fields are told.
      throw new PersonError("OpenBao keeps something else there.", { where: `${address}/v1/${path}`, why: checked.error.issues.map(({ path: keys, code }) => `${keys.join(".")}: ${code}`).join("\n") });
    },
    write: async (path, body) => void (await ask("POST", path, body)),
  };
}

function readToken(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new PersonError("There is no token for OpenBao.", { where: path, fix: "Sign in with `bao login`, or name the token's file with --identity." });
  if ((stat.mode & 0o077) !== 0) throw new PersonError("Others may read the token for OpenBao.", { where: path, fix: `chmod 600 ${path}` });
  return readFileSync(path, "utf8").trim();
}
