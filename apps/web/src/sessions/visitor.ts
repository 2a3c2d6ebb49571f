import type { FastifyReply, FastifyRequest } from "fastify";

import { formToken, isFormToken } from "../http/cross-site.ts";
import { PageError } from "../http/page-error.ts";
import type { SessionData, SignedInMember } from "./session.ts";
import type { SignOuts } from "./sign-outs.ts";
import type { Session, SessionStore } from "./store.ts";

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
   * Keeps `data` for the visitor; starts a session if there is none and ends it if nothing is left to keep. A session
   * that it starts is nobody's: who was signed in when the request came may have signed out meanwhile.
   *
   * @throws PageError 503 when Redis doesn't answer.
   */
  keep(request: FastifyRequest, reply: FastifyReply, data: SessionData): Promise<void>;
  /**
   * Who is signed in with this request, for pages that are theirs.
   *
   * @throws PageError 503 when Redis doesn't answer: not knowing is not the same as nobody.
   */
  member(request: FastifyRequest): Promise<{ readonly session: Session; readonly member: SignedInMember } | undefined>;
  /**
   * Signs a member in under a new id, so that an id which somebody planted before is worth nothing.
   *
   * @throws PageError 503 when Redis doesn't answer.
   */
  signIn(request: FastifyRequest, reply: FastifyReply, member: SignedInMember): Promise<void>;
  /**
   * Ends the session.
   *
   * @throws PageError 503 when Redis doesn't answer.
   */
  signOut(reply: FastifyReply, session: Session): Promise<void>;
  /** What forms of this session must send back; nothing is needed without a session. */
  formToken(session: Session | undefined): string | undefined;
  /**
   * Checks the token that a form sent.
   *
   * @throws PageError 403 when it is not the session's.
   */
  requireFormToken(session: Session | undefined, given: string | undefined): void;
}

/** Joins the store with the cookie. `key` signs form tokens; `signOuts` end sessions from the provider's side. */
export function createVisitors(store: SessionStore, signOuts: Pick<SignOuts, "covers">, key: Buffer): Visitors {
  const unavailable = (error: unknown): never => {
    throw new PageError(503, error);
  };
  const read = async (request: FastifyRequest): Promise<Session | undefined> => {
    const id = request.cookies[SESSION_COOKIE];
    const session = id === undefined ? undefined : await store.read(id);
    if (session?.data.member === undefined || !(await signOuts.covers(session.data.member))) return session;
    await store.end(session.id);
    return undefined;
  };

  return {
    async current(request) {
      try {
        return await read(request);
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
      const { member: _member, ...anybodys } = data;
      const begun = await store.begin(anybodys).catch(unavailable);
      reply.setCookie(SESSION_COOKIE, begun.id, COOKIE_OPTIONS);
    },
    async member(request) {
      const session = await read(request).catch(unavailable);
      return session?.data.member === undefined ? undefined : { session, member: session.data.member };
    },
    async signIn(request, reply, member) {
      const before = await read(request).catch(unavailable);
      const data: SessionData = { display: before?.data.display, member };
      const rotated = before === undefined ? undefined : await store.rotate(before, data).catch(unavailable);
      const session = rotated ?? (await store.begin(data).catch(unavailable));
      reply.setCookie(SESSION_COOKIE, session.id, COOKIE_OPTIONS);
    },
    async signOut(reply, session) {
      await store.end(session.id).catch(unavailable);
      reply.clearCookie(SESSION_COOKIE, COOKIE_OPTIONS);
    },
    formToken: (session) => (session === undefined ? undefined : formToken(key, session.id)),
    requireFormToken(session, given) {
      if (session !== undefined && !isFormToken(key, session.id, given ?? "")) throw new PageError(403);
    },
  };
}
