import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

import type { Assets } from "../http/assets.ts";
import { PageError } from "../http/page-error.ts";
import { ACCOUNT_PATH, SIGN_IN_PATH, SIGN_OUT_PATH } from "../pages/paths.ts";
import { signInNotice } from "../pages/sign-in-notice.ts";
import type { SignInNotice } from "../pages/sign-in-notice.ts";
import type { SignOuts } from "../sessions/sign-outs.ts";
import type { Visitors } from "../sessions/visitor.ts";
import { ATTEMPT_LIFE } from "./attempts.ts";
import type { Attempts } from "./attempts.ts";
import { ProviderUnavailable } from "./back-channel.ts";
import { REMEMBER_TOKEN } from "./logout-token.ts";
import { ownPath } from "./own-path.ts";
import { SignInRefused } from "./provider.ts";
import type { Identity, SignInProvider } from "./provider.ts";

/** What signing in is made from. */
export interface SignInParts {
  readonly provider: SignInProvider;
  /** Where signing out leads to. */
  readonly providerOrigin: string;
  readonly callbackPath: string;
  readonly requiredGroups: readonly string[];
  /** Where the provider tells of sign-outs; undefined where it tells none. */
  readonly backChannelLogoutPath: string | undefined;
  readonly attempts: Attempts;
  readonly signOuts: SignOuts;
  readonly signInMember: (subject: string) => Promise<string>;
}

const ATTEMPT_COOKIE = "__Host-sign-in";
// Lax, since the browser comes back from another site; with Strict it would come without the cookie.
const COOKIE_OPTIONS = { path: "/", secure: true, httpOnly: true, sameSite: "lax" } as const;

const startSchema = z.object({ terug: z.string().optional() });
const signOutSchema = z.object({ token: z.string().optional() });
const logoutSchema = z.object({ logout_token: z.string() });

const unavailable = (error: unknown): never => {
  throw new PageError(503, error);
};

/** Adds the ways in and out. */
export function addSignIn(application: FastifyInstance, pages: { readonly assets: Assets; readonly visitors: Visitors }, parts: SignInParts): void {
  const { assets, visitors } = pages;
  const notice = (reply: FastifyReply, which: SignInNotice): FastifyReply => {
    const { status, text } = signInNotice(assets, which);
    return reply.code(status).header("cache-control", "no-store").type("text/html; charset=utf-8").send(text);
  };
  /** Answers for failures at the provider; everything else is the error page's. */
  const explain = (request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply => {
    if (error instanceof ProviderUnavailable) {
      request.log.warn({ err: error.cause ?? error }, "the sign-in provider is not available");
      return notice(reply, "unavailable");
    }
    if (error instanceof SignInRefused) {
      request.log.warn({ err: error.cause ?? error }, "an answer of the sign-in provider was refused");
      return notice(reply, "refused");
    }
    throw error;
  };

  application.get(SIGN_IN_PATH, async (request, reply) => {
    const wanted = startSchema.safeParse(request.query).data?.terug;
    try {
      const { address, challenge } = await parts.provider.begin();
      const id = await parts.attempts.keep({ challenge, returnTo: ownPath(wanted, ACCOUNT_PATH) }).catch(unavailable);
      reply.setCookie(ATTEMPT_COOKIE, id, { ...COOKIE_OPTIONS, maxAge: ATTEMPT_LIFE });
      return await reply.header("cache-control", "no-store").redirect(address, 303);
    } catch (error) {
      return explain(request, reply, error);
    }
  });

  application.get(parts.callbackPath, async (request, reply) => {
    const attempt = await parts.attempts.take(request.cookies[ATTEMPT_COOKIE] ?? "").catch(unavailable);
    reply.clearCookie(ATTEMPT_COOKIE, COOKIE_OPTIONS);
    if (attempt === undefined) return notice(reply, "expired");
    let identity: Identity;
    try {
      const query = request.url.indexOf("?");
      identity = await parts.provider.redeem(query === -1 ? "" : request.url.slice(query), attempt.challenge);
    } catch (error) {
      return explain(request, reply, error);
    }
    const { groups, subject, name, providerSession, issuedAt, idToken } = identity;
    if (!groups.some((group) => parts.requiredGroups.includes(group))) return notice(reply, "not-a-member");
    const id = await parts.signInMember(subject).catch(unavailable);
    const session = providerSession === undefined ? {} : { providerSession };
    await visitors.signIn(request, reply, { id, name, subject, groups: [...groups], ...session, issuedAt, idToken });
    return reply.header("cache-control", "no-store").redirect(attempt.returnTo, 303);
  });

  application.post(SIGN_OUT_PATH, async (request, reply) => {
    const found = await visitors.member(request);
    if (found === undefined) return reply.redirect("/", 303);
    visitors.requireFormToken(found.session, signOutSchema.safeParse(request.body).data?.token);
    await visitors.signOut(reply, found.session);
    try {
      return await reply.header("cache-control", "no-store").redirect(await parts.provider.endSessionAddress(found.member.idToken), 303);
    } catch (error) {
      if (!(error instanceof ProviderUnavailable)) throw error;
      return notice(reply, "signed-out-here-only");
    }
  });

  if (parts.backChannelLogoutPath === undefined) return;
  application.post(parts.backChannelLogoutPath, { config: { sentByServers: true } }, async (request, reply) => {
    reply.header("cache-control", "no-store");
    const form = logoutSchema.safeParse(request.body);
    if (!form.success) return reply.code(400).send({ error: "invalid_request" });
    try {
      const signOut = await parts.provider.readLogoutToken(form.data.logout_token);
      const isNew = await parts.signOuts.record(signOut, REMEMBER_TOKEN).catch(unavailable);
      return isNew ? await reply.send() : await reply.code(400).send({ error: "invalid_request" });
    } catch (error) {
      if (error instanceof PageError) throw error;
      request.log.warn({ err: error instanceof Error ? (error.cause ?? error) : error }, "a sign-out by the provider was refused");
      return reply.code(error instanceof ProviderUnavailable ? 503 : 400).send({ error: "invalid_request" });
    }
  });
}
