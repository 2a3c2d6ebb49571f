import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { SignJWT } from "jose";

import { claimsOf } from "./accounts.ts";
import type { Account, Accounts } from "./accounts.ts";
import { cookieOf, sendPage, sendRedirect } from "./forms.ts";
import { messagePage } from "./pages.ts";
import { OUTPOST_CLIENT, SESSION_LIFE, issuerOf, sharedPaths } from "./provider.ts";
import type { Providers } from "./providers.ts";
import type { Settings } from "./settings.ts";

/** Where Authentik's outpost answers on every protected host. */
export const OUTPOST_PATH = "/outpost.goauthentik.io";

const SESSION_COOKIE = "authentik_proxy_stand_in";
const STATE_COOKIE = "authentik_proxy_state";
const COOKIE = "Path=/; HttpOnly; Secure; SameSite=Lax";

/** How long somebody may take to sign in, in seconds. */
const ATTEMPT_LIFE = 600;

interface Timed<T> {
  readonly value: T;
  readonly until: number;
}

/** Values that are forgotten after a time; what is too old goes when something new comes. */
function createMemory<T>(life: number) {
  const entries = new Map<string, Timed<T>>();
  return {
    keep(value: T): string {
      for (const [id, { until }] of entries) if (until <= Date.now()) entries.delete(id);
      const id = randomBytes(32).toString("base64url");
      entries.set(id, { value, until: Date.now() + life * 1000 });
      return id;
    },
    read(id: string | undefined): T | undefined {
      const entry = id === undefined ? undefined : entries.get(id);
      return entry === undefined || entry.until <= Date.now() ? undefined : entry.value;
    },
    forget: (id: string | undefined): boolean => id !== undefined && entries.delete(id),
    forgetAll(unwanted: (value: T) => boolean): void {
      for (const [id, { value }] of entries) if (unwanted(value)) entries.delete(id);
    },
  };
}

/** The address that was asked for if it is one of this host, else its front page. */
function returnAddress(host: string, wanted: string | null | undefined): string {
  const origin = `https://${host}`;
  const url = wanted === null || wanted === undefined ? null : URL.parse(wanted, origin);
  return url?.origin === origin ? url.href : `${origin}/`;
}

/**
 * What Traefik asks before it lets a request pass, and the pages below {@link OUTPOST_PATH} of each protected host: the
 * contract of Authentik's outpost in forward_single mode (internal/outpost/proxyv2 of version 2026.2).
 */
export function createOutpost(settings: Settings, accounts: Accounts, providers: Providers) {
  const attempts = createMemory<{ readonly host: string; readonly address: string }>(ATTEMPT_LIFE);
  const sessions = createMemory<{ readonly host: string; readonly uuid: string; readonly providerSession: string | undefined }>(SESSION_LIFE);
  const issuer = issuerOf(settings, OUTPOST_CLIENT);
  providers.onSignOut((sessionUid) => sessions.forgetAll(({ providerSession }) => providerSession === sessionUid));

  const mayPass = (account: Account, host: string): boolean =>
    account.groups.some((group) => settings.protectedHosts[host]?.includes(group) === true);

  const start = (response: ServerResponse, host: string, wanted: string | null | undefined): void => {
    const state = attempts.keep({ host, address: returnAddress(host, wanted) });
    // The code is looked up here and never travels on, so that a verifier would have nobody to prove anything to.
    const challenge = createHash("sha256").update(randomBytes(32)).digest("base64url");
    const query = new URLSearchParams({
      client_id: OUTPOST_CLIENT,
      response_type: "code",
      redirect_uri: `https://${host}${OUTPOST_PATH}/callback`,
      scope: "openid profile email",
      state,
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    sendRedirect(response, `${settings.origin}${sharedPaths.authorize}?${query.toString()}`, [`${STATE_COOKIE}=${state}; ${COOKIE}; Max-Age=${ATTEMPT_LIFE}`]);
  };

  const identityHeaders = async (account: Account, host: string): Promise<Record<string, string>> => {
    const claims = claimsOf(account);
    const token = await new SignJWT({ ...claims, iss: issuer, aud: host })
      .setProtectedHeader({ alg: "RS256" })
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(providers.key);
    return {
      "X-authentik-username": account.username,
      "X-authentik-groups": account.groups.join("|"),
      "X-authentik-entitlements": "",
      "X-authentik-email": claims.email,
      "X-authentik-name": account.name,
      "X-authentik-uid": claims.sub,
      "X-authentik-jwt": token,
      "X-authentik-meta-jwks": `${issuer}jwks/`,
      "X-authentik-meta-outpost": "sign-in-stand-in",
      "X-authentik-meta-provider": host,
      "X-authentik-meta-app": host,
      "X-authentik-meta-version": "goauthentik.io/outpost/stand-in",
    };
  };

  const decide = async (request: IncomingMessage, response: ServerResponse, host: string): Promise<void> => {
    const session = sessions.read(cookieOf(request, SESSION_COOKIE));
    const account = session?.host === host ? accounts.withUuid(session.uuid) : undefined;
    const uri = request.headers["x-forwarded-uri"];
    if (account === undefined) return start(response, host, typeof uri === "string" ? `https://${host}${uri}` : undefined);
    if (!mayPass(account, host)) return sendPage(response, 403, messagePage("Geen toegang", "Dit account mag hier niet komen."));
    response.writeHead(200, await identityHeaders(account, host)).end();
  };

  const finish = async (request: IncomingMessage, response: ServerResponse, host: string, query: URLSearchParams): Promise<void> => {
    const state = query.get("state") ?? undefined;
    const attempt = attempts.read(state);
    attempts.forget(state);
    const isOwn = attempt?.host === host && cookieOf(request, STATE_COOKIE) === state;
    const code = isOwn ? await providers.of(OUTPOST_CLIENT)?.AuthorizationCode.find(query.get("code") ?? "") : undefined;
    const address = `https://${host}${OUTPOST_PATH}/callback`;
    if (!isOwn || code?.accountId === undefined || !code.isValid || code.clientId !== OUTPOST_CLIENT || code.redirectUri !== address) {
      return sendPage(response, 400, messagePage("Inloggen is niet gelukt", "Het antwoord hoort niet bij deze browser. Open de pagina opnieuw."));
    }
    await code.consume();
    const session = sessions.keep({ host, uuid: code.accountId, providerSession: code.sessionUid });
    sendRedirect(response, attempt.address, [`${SESSION_COOKIE}=${session}; ${COOKIE}`, `${STATE_COOKIE}=; ${COOKIE}; Max-Age=0`]);
  };

  /** Answers a request below {@link OUTPOST_PATH}. */
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const forwarded = request.headers["x-forwarded-host"];
    const host = typeof forwarded === "string" ? forwarded : (request.headers.host ?? "");
    const path = url.pathname.slice(OUTPOST_PATH.length);
    if (path === "/ping") return void response.writeHead(204).end();
    if (!Object.hasOwn(settings.protectedHosts, host)) {
      return void response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ message: "no app for hostname" }));
    }
    switch (path) {
      case "/auth/traefik":
        return await decide(request, response, host);
      case "/start":
        return start(response, host, url.searchParams.get("rd"));
      case "/callback":
        return await finish(request, response, host, url.searchParams);
      case "/sign_out":
        sessions.forget(cookieOf(request, SESSION_COOKIE));
        return sendRedirect(response, `${issuer}end-session/`, [`${SESSION_COOKIE}=; ${COOKIE}; Max-Age=0`]);
      default:
        return sendPage(response, 404, messagePage("Deze pagina bestaat niet", "Hier is niets."));
    }
  };
}
