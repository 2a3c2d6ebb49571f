import type { FastifyReply, FastifyRequest } from "fastify";

import { formToken, isFormToken } from "../http/cross-site.ts";
import { PageError } from "../http/page-error.ts";
import type { Session, SessionStore } from "./store.ts";
import type { SessionData } from "./session.ts";

/** The prefix makes browsers refuse it from another host, another path, or without TLS. */
const SESSION_COOKIE = "__Host-session";

const COOKIE_OPTIONS = { path: "/", secure: true, httpOnly: true, sameSite: "lax" } as const;

/** Sessions as pages use them: by request and reply. */
export interface Visitors {
  /**
   * The session of whoever sent this request, if there is one. A visit alone never makes one. Without an answer of
   * Redis it says that there is none: reading pages must go on.
   */
  current(request: FastifyRequest): Promise<Session | undefined>;
  /**
   * Keeps `data` for the visitor; starts a session if there is none and ends it if nothing is left to keep.
   *
   * @throws PageError 503 when Redis doesn't answer.
   */
  keep(request: FastifyRequest, reply: FastifyReply, data: SessionData): Promise<void>;
  /** What forms of this session must send back; nothing is needed without a session. */
  formToken(session: Session | undefined): string | undefined;
  /**
   * Checks the token that a form sent.
   *
   * @throws PageError 403 when it is not the session's.
   */
  requireFormToken(session: Session | undefined, given: string | undefined): void;
}

/** Joins the store with the cookie. `key` signs form tokens. */
export function createVisitors(store: SessionStore, key: Buffer): Visitors {
  const unavailable = (error: unknown): never => {
    throw new PageError(503, error);
  };
  return {
    async current(request) {
      const id = request.cookies[SESSION_COOKIE];
      if (id === undefined) return undefined;
      try {
        return await store.read(id);
      } catch (error) {
        request.log.warn({ err: error }, "session can't be read; the page is shown without it");
        return undefined;
      }
    },
    async keep(request, reply, data) {
      const id = request.cookies[SESSION_COOKIE];
      const session = id === undefined ? undefined : await store.read(id).catch(unavailable);
      if (Object.values(data).every((value) => value === undefined)) {
        if (id !== undefined) {
          await store.end(id).catch(unavailable);
          reply.clearCookie(SESSION_COOKIE, COOKIE_OPTIONS);
        }
        return;
      }
      const changed = session === undefined ? undefined : await store.change(session, data).catch(unavailable);
      if (changed !== undefined) return;
      const begun = await store.begin(data).catch(unavailable);
      reply.setCookie(SESSION_COOKIE, begun.id, COOKIE_OPTIONS);
    },
    formToken: (session) => (session === undefined ? undefined : formToken(key, session.id)),
    requireFormToken(session, given) {
      if (session !== undefined && !isFormToken(key, session.id, given ?? "")) throw new PageError(403);
    },
  };
}
