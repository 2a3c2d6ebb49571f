import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

import type { FastifyInstance, FastifyRequest } from "fastify";

import { PageError } from "./page-error.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Sent by a server, never by a browser, and so proven by what it carries in place of where it comes from. */
    readonly sentByServers?: true;
  }
}

const SAFE_METHODS: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/** A browser sends at least one of these two headers with every form; what sends neither is not a browser. */
function comesFromOwnPages(request: FastifyRequest, publicOrigin: string): boolean {
  const site = request.headers["sec-fetch-site"];
  const { origin } = request.headers;
  if (site === undefined && origin === undefined) return false;
  return (site === undefined || site === "same-origin") && (origin === undefined || origin === publicOrigin);
}

/**
 * Refuses every request that changes something and was not sent by a page of `publicOrigin`. It works before there
 * is a session to bind a token to, so that reading the site needs no cookie. Routes whose config says `sentByServers`
 * are left out; they must look at no cookie.
 */
export function refuseCrossSiteRequests(application: FastifyInstance, publicOrigin: string): void {
  application.addHook("onRequest", (request, _reply, done) => {
    const exempt = SAFE_METHODS.includes(request.method) || request.routeOptions.config.sentByServers === true;
    if (exempt || comesFromOwnPages(request, publicOrigin)) done();
    else done(new PageError(403));
  });
}

const MAC_BYTES = 32;

const macOf = (key: Buffer, sessionId: string): Buffer => createHmac("sha256", key).update("form-token:").update(sessionId).digest();

const xor = (left: Buffer, right: Buffer): Buffer => Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));

/**
 * The value that a form carries to prove that it was made for this session; it can't be made without the key. It is
 * another one each time, the same proof under a random mask: the proxy compresses pages, and the length of a compressed
 * page would tell a secret that stays the same bit by bit to who can put guesses beside it (BREACH, CVE-2013-3587).
 */
export function formToken(key: Buffer, sessionId: string): string {
  const mask = randomBytes(MAC_BYTES);
  return Buffer.concat([mask, xor(mask, macOf(key, sessionId))]).toString("base64url");
}

/** Tells whether `given` is a token of this session, without telling by its time where they differ. */
export function isFormToken(key: Buffer, sessionId: string, given: string): boolean {
  const bytes = Buffer.from(given, "base64url");
  if (bytes.length !== 2 * MAC_BYTES) return false;
  return timingSafeEqual(xor(bytes.subarray(0, MAC_BYTES), bytes.subarray(MAC_BYTES)), macOf(key, sessionId));
}
