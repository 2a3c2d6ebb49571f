/** An OpenID provider that signs everybody in without asking, and lies in its answers where a test wants it to. */
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

import { SignJWT, UnsecuredJWT, exportJWK, generateKeyPair } from "jose";

/** What the provider is known as. */
export const AUTH_ORIGIN = "https://auth.jlam.localhost";
export const ISSUER = `${AUTH_ORIGIN}/application/o/web/`;
export const CLIENT_SECRET = "only-for-this-test-but+long/enough=";

/** How a token is signed: as it should be, with another key of the same name, with the client's secret, or not at all. */
export type Signature = "right" | "other-key" | "client-secret" | "none";

/** What a token says; undefined takes a claim away. */
export type Claims = Readonly<Record<string, unknown>>;

/** Lies; each test sets those that it is about. */
export interface Lies {
  claims: Claims;
  signature: Signature;
  discoveredIssuer: string;
  /** Replaces the state that the browser brings back. */
  state: string | undefined;
  /** Answers nothing but this status. */
  status: number | undefined;
}

/** The running provider. */
export interface ForgingProvider {
  readonly port: number;
  readonly lies: Lies;
  /** How often a code was redeemed, and with what. */
  readonly redeemed: readonly URLSearchParams[];
  logoutToken(claims: Claims, signature?: Signature): Promise<string>;
  stop(): Promise<void>;
}

const MEMBER: Claims = { sub: "5e884898da28", name: "Noor de Vries", groups: ["members"], sid: "provider-session" };

/** Starts it on a free port of 127.0.0.1. */
export async function startForgingProvider(): Promise<ForgingProvider> {
  const [key, otherKey] = [await generateKeyPair("ES256"), await generateKeyPair("ES256")];
  const lies: Lies = { claims: {}, signature: "right", discoveredIssuer: ISSUER, state: undefined, status: undefined };
  const codes = new Map<string, URLSearchParams>();
  const redeemed: URLSearchParams[] = [];

  const sign = async (claims: Claims, signature: Signature, type: string): Promise<string> => {
    const payload = { iss: ISSUER, aud: "web", iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 60, ...claims };
    const protectedHeader = { alg: "ES256", kid: "one", typ: type };
    switch (signature) {
      case "right":
        return await new SignJWT(payload).setProtectedHeader(protectedHeader).sign(key.privateKey);
      case "other-key":
        return await new SignJWT(payload).setProtectedHeader(protectedHeader).sign(otherKey.privateKey);
      case "client-secret":
        return await new SignJWT(payload).setProtectedHeader({ ...protectedHeader, alg: "HS256" }).sign(Buffer.from(CLIENT_SECRET));
      case "none":
        return new UnsecuredJWT(payload).encode();
    }
  };

  const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", AUTH_ORIGIN);
    if (lies.status !== undefined) return json(response, lies.status, {});
    if (request.headers.host !== new URL(AUTH_ORIGIN).host || request.headers["x-forwarded-proto"] !== "https") return json(response, 421, {});
    switch (url.pathname) {
      case "/application/o/web/.well-known/openid-configuration":
        return json(response, 200, {
          issuer: lies.discoveredIssuer,
          authorization_endpoint: `${AUTH_ORIGIN}/application/o/authorize/`,
          token_endpoint: `${AUTH_ORIGIN}/application/o/token/`,
          jwks_uri: `${ISSUER}jwks/`,
          end_session_endpoint: `${ISSUER}end-session/`,
          // A provider that lets itself be talked into these must not talk us into them.
          id_token_signing_alg_values_supported: ["ES256", "HS256", "none"],
        });
      case "/application/o/web/jwks/":
        return json(response, 200, { keys: [{ ...(await exportJWK(key.publicKey)), kid: "one", alg: "ES256", use: "sig" }] });
      case "/application/o/authorize/": {
        const code = randomUUID();
        codes.set(code, url.searchParams);
        const back = new URL(url.searchParams.get("redirect_uri") ?? "");
        back.search = new URLSearchParams({ code, state: lies.state ?? url.searchParams.get("state") ?? "" }).toString();
        response.writeHead(302, { location: back.href }).end();
        return;
      }
      case "/application/o/token/": {
        const form = new URLSearchParams(await text(request));
        redeemed.push(form);
        const asked = codes.get(form.get("code") ?? "");
        codes.delete(form.get("code") ?? "");
        const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
        if (asked?.get("code_challenge") !== challenge || form.get("client_secret") !== CLIENT_SECRET) {
          return json(response, 400, { error: "invalid_grant" });
        }
        const idToken = await sign({ ...MEMBER, nonce: asked.get("nonce"), ...lies.claims }, lies.signature, "JWT");
        return json(response, 200, { access_token: "unused", token_type: "Bearer", id_token: idToken });
      }
      default:
        return json(response, 404, {});
    }
  };

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return {
    port: address.port,
    lies,
    redeemed,
    logoutToken: (claims, signature = "right") =>
      sign({ jti: randomUUID(), events: { "http://schemas.openid.net/event/backchannel-logout": {} }, ...claims }, signature, "logout+jwt"),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
