import { createHmac, randomBytes } from "node:crypto";

import { z } from "zod";

import type { SessionsClient } from "../sessions/connection.ts";
import { withTimeLimit } from "../time-limit.ts";
import type { Challenge } from "./provider.ts";

/** Longest time a page waits for Redis, in milliseconds. */
const COMMAND_LIMIT = 1_000;

/** How long a person may take to sign in, in seconds: enough to find the telephone with the second factor. */
export const ATTEMPT_LIFE = 600;

const ID = /^[A-Za-z0-9_-]{43}$/;

const attemptSchema = z.object({
  challenge: z.object({ state: z.string(), nonce: z.string(), verifier: z.string() }),
  returnTo: z.string(),
});

/** A sign-in that began and has not come back yet. */
export interface Attempt {
  readonly challenge: Challenge;
  /** A path of our own. */
  readonly returnTo: string;
}

/** Attempts by the id that the browser's cookie holds. Every function rejects when Redis doesn't answer in a second. */
export interface Attempts {
  keep(attempt: Attempt): Promise<string>;
  /** Gives an attempt once: it is gone for every later call. */
  take(id: string): Promise<Attempt | undefined>;
}

/** Attempts in Redis, under a keyed hash of their id as sessions are. `life` is in seconds. */
export function createAttempts(client: SessionsClient, key: Buffer, life: number = ATTEMPT_LIFE): Attempts {
  const place = (id: string): string => `sign-in:${createHmac("sha256", key).update("sign-in:").update(id).digest("base64url")}`;
  return {
    async keep(attempt) {
      const id = randomBytes(32).toString("base64url");
      const expiration = { type: "EX", value: life } as const;
      await withTimeLimit(COMMAND_LIMIT, () => client.set(place(id), JSON.stringify(attempt), { expiration }));
      return id;
    },
    async take(id) {
      if (!ID.test(id)) return undefined;
      const text = await withTimeLimit(COMMAND_LIMIT, () => client.getDel(place(id)));
      return text === null ? undefined : attemptSchema.parse(JSON.parse(text));
    },
  };
}
