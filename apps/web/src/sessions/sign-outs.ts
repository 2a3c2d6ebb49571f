import { createHmac } from "node:crypto";

import { withTimeLimit } from "../time-limit.ts";
import type { SessionsClient } from "./connection.ts";
import type { SignedInMember } from "./session.ts";
import { SESSION_LIMITS } from "./store.ts";

/** Longest time a page waits for Redis, in milliseconds. */
const COMMAND_LIMIT = 1_000;

/** A sign-out that the provider told us of: of one of its sessions, or of all of a person's that began before. */
export interface SignOut {
  readonly tokenId: string;
  readonly providerSession: string | undefined;
  readonly subject: string | undefined;
  /** Seconds since 1970 on the provider's clock. */
  readonly issuedAt: number;
}

/** Sign-outs at the provider. Every function rejects when Redis doesn't answer in a second. */
export interface SignOuts {
  /** Ends the sessions that it is about, those included that are just being made; false if it was recorded before. */
  record(signOut: SignOut, remember: number): Promise<boolean>;
  /** Tells whether the session of this member has been ended. */
  covers(member: SignedInMember): Promise<boolean>;
}

/**
 * Remembers sign-outs in Redis for as long as a session can live. A list of the sessions to delete would miss the one
 * that is being made at that moment; a note that every session is held against does not.
 */
export function createSignOuts(client: SessionsClient, key: Buffer): SignOuts {
  const place = (kind: "session" | "subject" | "token", value: string): string =>
    `sign-out:${createHmac("sha256", key).update(`sign-out:${kind}:`).update(value).digest("base64url")}`;
  const read = (name: string): Promise<string | null> => withTimeLimit(COMMAND_LIMIT, () => client.get(name));
  const write = (name: string, value: number, life: number): Promise<unknown> =>
    withTimeLimit(COMMAND_LIMIT, () => client.set(name, String(value), { expiration: { type: "EX", value: life } }));

  return {
    async record({ tokenId, providerSession, subject, issuedAt }, remember) {
      const token = place("token", tokenId);
      if ((await read(token)) !== null) return false;
      if (providerSession !== undefined) await write(place("session", providerSession), issuedAt, SESSION_LIMITS.absolute);
      else if (subject !== undefined) await write(place("subject", subject), issuedAt, SESSION_LIMITS.absolute);
      // Last, so that the provider can send a token again when this failed halfway.
      await write(token, issuedAt, remember);
      return true;
    },
    async covers({ providerSession, subject, issuedAt }) {
      const [session, person] = await Promise.all([
        providerSession === undefined ? null : read(place("session", providerSession)),
        read(place("subject", subject)),
      ]);
      return session !== null || (person !== null && issuedAt <= Number(person));
    },
  };
}
