import { createHmac, randomBytes } from "node:crypto";

import { z } from "zod";

import { withTimeLimit } from "../time-limit.ts";
import type { SessionsClient } from "./connection.ts";
import type { SessionData } from "./session.ts";
import { sessionDataSchema } from "./session.ts";

/** Longest time a page waits for Redis, in milliseconds. */
const COMMAND_LIMIT = 1_000;

/** 256 bits, as OWASP's Session Management Cheat Sheet asks at least for 64 of entropy. */
const ID_BYTES = 32;
const ID = /^[A-Za-z0-9_-]{43}$/;

/** How long sessions live, in seconds. */
export interface SessionLimits {
  /** Without any request. */
  readonly idle: number;
  /** However busy it is. */
  readonly absolute: number;
}

/** Within the ranges of OWASP's Session Management Cheat Sheet for applications of high value. */
export const SESSION_LIMITS: SessionLimits = { idle: 30 * 60, absolute: 8 * 60 * 60 };

const recordSchema = z.object({ createdAt: z.number(), data: sessionDataSchema });

/** A session that exists, with the id that the browser holds. */
export interface Session {
  readonly id: string;
  readonly data: SessionData;
}

/** Sessions by id. Every function rejects when Redis doesn't answer in a second. */
export interface SessionStore {
  /** Starts a session under a new random id. */
  begin(data: SessionData): Promise<Session>;
  /** The session of this id, kept alive by being read; nothing if it never was, has ended, or is too old. */
  read(id: string): Promise<Session | undefined>;
  /** Replaces what a session holds; nothing if it has ended meanwhile, which no late request can undo. */
  change(session: Session, data: SessionData): Promise<Session | undefined>;
  /** Moves to a new id, for every change of rights: an id learned before sign-in is worth nothing after. Its age starts anew. */
  rotate(session: Session, data: SessionData): Promise<Session | undefined>;
  end(id: string): Promise<void>;
  /** Ends every session in which this member is signed in. */
  endAllOf(memberId: string): Promise<void>;
}

/**
 * Sessions in Redis. Redis holds a keyed hash of the id, so that neither a copy of its data nor the power to write to
 * it lets anybody make a cookie that is accepted.
 *
 * @param now milliseconds since 1970
 */
export function createSessionStore(
  client: SessionsClient,
  key: Buffer,
  limits: SessionLimits = SESSION_LIMITS,
  now: () => number = Date.now,
): SessionStore {
  const place = (id: string): string => `session:${createHmac("sha256", key).update(id).digest("base64url")}`;
  const placeOfMember = (memberId: string): string =>
    `member-sessions:${createHmac("sha256", key).update("member-sessions:").update(memberId).digest("base64url")}`;
  const limited = <T>(command: () => Promise<T>): Promise<T> => withTimeLimit(COMMAND_LIMIT, command);
  const expiration = { type: "EX", value: limits.idle } as const;

  const load = async (id: string): Promise<z.output<typeof recordSchema> | undefined> => {
    if (!ID.test(id)) return undefined;
    const text = await limited(() => client.getEx(place(id), expiration));
    if (text === null) return undefined;
    const record = recordSchema.parse(JSON.parse(text));
    if (now() - record.createdAt < limits.absolute * 1000) return record;
    await limited(() => client.del(place(id)));
    return undefined;
  };

  const begin = async (data: SessionData): Promise<Session> => {
    const id = randomBytes(ID_BYTES).toString("base64url");
    const text = JSON.stringify({ createdAt: now(), data });
    if (data.member !== undefined) {
      // Before the session itself, so that there is none that isn't on its member's list.
      const list = placeOfMember(data.member.id);
      await limited(() => client.sAdd(list, place(id)));
      await limited(() => client.expire(list, limits.absolute));
    }
    await limited(() => client.set(place(id), text, { expiration, condition: "NX" }));
    return { id, data };
  };

  return {
    begin,
    async read(id) {
      const record = await load(id);
      return record === undefined ? undefined : { id, data: record.data };
    },
    async change(session, data) {
      const record = await load(session.id);
      if (record === undefined) return undefined;
      const text = JSON.stringify({ createdAt: record.createdAt, data });
      const written = await limited(() => client.set(place(session.id), text, { expiration, condition: "XX" }));
      return written === null ? undefined : { id: session.id, data };
    },
    async rotate(session, data) {
      const record = await load(session.id);
      if (record === undefined) return undefined;
      const removed = await limited(() => client.del(place(session.id)));
      return removed === 0 ? undefined : await begin(data);
    },
    async end(id) {
      if (ID.test(id)) await limited(() => client.del(place(id)));
    },
    async endAllOf(memberId) {
      const list = placeOfMember(memberId);
      const places = await limited(() => client.sMembers(list));
      await limited(() => client.del([list, ...places]));
    },
  };
}
