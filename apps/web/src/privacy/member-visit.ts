import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

import type { Assets } from "../http/assets.ts";
import { PageError } from "../http/page-error.ts";
import { SIGN_IN_PATH } from "../pages/paths.ts";
import { DEFAULT_DISPLAY } from "../sessions/session.ts";
import type { Display, SignedInMember } from "../sessions/session.ts";
import type { Session } from "../sessions/store.ts";
import type { Visitors } from "../sessions/visitor.ts";

/** What every page of a member is made with. */
export interface MemberFrame {
  readonly assets: Assets;
  readonly display: Display;
  readonly formToken: string | undefined;
}

/** A request of somebody who is signed in. */
export interface MemberVisit {
  readonly session: Session;
  readonly member: SignedInMember;
  readonly frame: MemberFrame;
}

const tokenSchema = z.object({ token: z.string().optional() });

/** Who asks; undefined when nobody is signed in. @throws PageError 503 when that can't be known */
export async function memberVisit(request: FastifyRequest, visitors: Visitors, assets: Assets): Promise<MemberVisit | undefined> {
  const found = await visitors.member(request);
  if (found === undefined) return undefined;
  const { session, member } = found;
  return { session, member, frame: { assets, display: session.data.display ?? DEFAULT_DISPLAY, formToken: visitors.formToken(session) } };
}

/** The same for a form, whose token must be the session's. @throws PageError 403 when it isn't */
export async function memberForm(request: FastifyRequest, visitors: Visitors, assets: Assets): Promise<MemberVisit | undefined> {
  const visit = await memberVisit(request, visitors, assets);
  if (visit !== undefined) visitors.requireFormToken(visit.session, tokenSchema.safeParse(request.body).data?.token);
  return visit;
}

/** Leads to signing in, and from there back to `path`. */
export const toSignIn = (reply: FastifyReply, path: string): FastifyReply =>
  reply.header("cache-control", "no-store").redirect(`${SIGN_IN_PATH}?terug=${path}`, 303);

/** A page about a person, which no browser keeps: others may use the same phone or computer. */
export const sendOwnPage = (reply: FastifyReply, text: string): FastifyReply =>
  reply.header("cache-control", "no-store").type("text/html; charset=utf-8").send(text);

/** For what a database refuses: the page says that it does not work now. */
export const unavailable = (error: unknown): never => {
  throw new PageError(503, error);
};
