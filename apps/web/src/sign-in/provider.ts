import { createRemoteJWKSet, customFetch as joseFetch } from "jose";
import type { JWTVerifyGetKey } from "jose";
import * as openid from "openid-client";
import { z } from "zod";

import type { SignOut } from "../sessions/sign-outs.ts";
import { readSecretFile } from "../settings/secret-file.ts";
import type { SignInSettings } from "../settings/sign-in-settings.ts";
import { ProviderUnavailable, createBackChannel } from "./back-channel.ts";
import type { BackChannel } from "./back-channel.ts";
import { verifyLogoutToken } from "./logout-token.ts";
import { ALGORITHMS, CLOCK_TOLERANCE, pseudonym } from "./token-rules.ts";

/** How long what discovery found is used, in milliseconds. */
const DISCOVERY_LIFE = 600_000;

/** What must come back unchanged for a sign-in to be the one that this browser began. */
export interface Challenge {
  readonly state: string;
  readonly nonce: string;
  /** Proves to the provider that whoever redeems the code is who asked for it (RFC 7636). */
  readonly verifier: string;
}

/** What the provider says about the person who signed in. */
export interface Identity {
  /** Stands for the person at this issuer, and tells nothing about them. */
  readonly subject: string;
  readonly name: string;
  readonly groups: readonly string[];
  /** The provider's own session, if it names it. */
  readonly providerSession: string | undefined;
  /** When the provider said so, in seconds since 1970 on its clock. */
  readonly issuedAt: number;
  readonly idToken: string;
}

/** The provider's answer proves nothing: it was forged, changed, replayed, or the provider refused. */
export class SignInRefused extends Error {
  override readonly name = "SignInRefused";
}

/** Signing in at the provider. Every function throws {@link ProviderUnavailable} when it doesn't answer. */
export interface SignInProvider {
  /** Where to send the browser, and what to remember until it comes back. */
  begin(): Promise<{ readonly address: string; readonly challenge: Challenge }>;
  /**
   * Redeems the query that the browser came back with.
   *
   * @throws SignInRefused unless state, issuer, audience, signature, nonce and times of the answer are right
   */
  redeem(query: string, challenge: Challenge): Promise<Identity>;
  /** Where the browser ends the provider's own session. */
  endSessionAddress(idToken: string): Promise<string>;
  /**
   * What a logout token tells.
   *
   * @throws SignInRefused unless it is the provider's, fresh and for this application
   */
  readLogoutToken(token: string): Promise<SignOut>;
}

const claimsSchema = z.object({
  sub: z.string().min(1),
  iat: z.number(),
  sid: z.string().min(1).optional(),
  name: z.string().max(200).optional(),
  groups: z.array(z.string()).default([]),
});

interface Known {
  readonly configuration: openid.Configuration;
  readonly keys: JWTVerifyGetKey;
  readonly until: number;
}

/** The addresses that signing in needs, each of which must be the issuer's own. */
function ownEndpoints(issuer: string, metadata: openid.ServerMetadata) {
  const { origin } = new URL(issuer);
  const own = (address: string | undefined): string => {
    if (address !== undefined && URL.parse(address)?.origin === origin) return address;
    throw new ProviderUnavailable("the discovery document lacks an address or names one of another origin");
  };
  return {
    authorization_endpoint: own(metadata.authorization_endpoint),
    token_endpoint: own(metadata.token_endpoint),
    jwks_uri: own(metadata.jwks_uri),
    end_session_endpoint: own(metadata.end_session_endpoint),
  };
}

async function discover(settings: SignInSettings, channel: BackChannel, now: number): Promise<Known> {
  const secret = await readSecretFile("OIDC_CLIENT_SECRET_FILE", settings.clientSecretFile);
  // Not in the header: a secret with a plus sign is read there in two ways (RFC 6749, section 2.3.1).
  const authentication = openid.ClientSecretPost(secret);
  const found = await openid.discovery(new URL(settings.issuer), settings.clientId, undefined, authentication, { [openid.customFetch]: channel });
  const metadata = found.serverMetadata();
  const endpoints = ownEndpoints(settings.issuer, metadata);
  const offered = metadata.id_token_signing_alg_values_supported ?? [];
  const configuration = new openid.Configuration(
    {
      issuer: metadata.issuer,
      ...endpoints,
      authorization_response_iss_parameter_supported: metadata.authorization_response_iss_parameter_supported ?? false,
      // A token's signature is held against this list, so what isn't on ours is refused.
      id_token_signing_alg_values_supported: offered.filter((algorithm) => ALGORITHMS.includes(algorithm)),
    },
    settings.clientId,
    { [openid.clockTolerance]: CLOCK_TOLERANCE },
    authentication,
  );
  configuration[openid.customFetch] = channel;
  // Without it the signature goes unchecked, since a token that came over TLS would need none; this one didn't.
  openid.enableNonRepudiationChecks(configuration);
  const keys = createRemoteJWKSet(new URL(endpoints.jwks_uri), { [joseFetch]: channel });
  return { configuration, keys, until: now + DISCOVERY_LIFE };
}

/** An error may wrap the one that tells why. */
function isUnavailable(error: unknown): boolean {
  if (error instanceof ProviderUnavailable) return true;
  return error instanceof Error && error.cause !== undefined && isUnavailable(error.cause);
}

/** Passes on that the provider is away; every other failure of `work` means that its answer can't be believed. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isUnavailable(error)) throw new ProviderUnavailable("did not answer", { cause: error });
    throw new SignInRefused("the answer is refused", { cause: error });
  }
}

/**
 * Signing in at the provider that `settings` name.
 *
 * @param home the address that the provider leads back to after its session has ended
 * @param now milliseconds since 1970
 */
export function createSignInProvider(settings: SignInSettings, home: string, now: () => number = Date.now): SignInProvider {
  const channel = createBackChannel(settings.issuer, settings.backChannel);
  let known: Promise<Known> | undefined;

  const current = async (): Promise<Known> => {
    const before = await known?.catch(() => undefined);
    if (before !== undefined && now() < before.until) return before;
    known = discover(settings, channel, now());
    return await known.catch((error: unknown) => {
      known = undefined;
      throw error instanceof ProviderUnavailable ? error : new ProviderUnavailable("discovery failed", { cause: error });
    });
  };

  return {
    async begin() {
      const { configuration } = await current();
      const challenge = { state: openid.randomState(), nonce: openid.randomNonce(), verifier: openid.randomPKCECodeVerifier() };
      const address = openid.buildAuthorizationUrl(configuration, {
        redirect_uri: settings.callbackUrl,
        scope: "openid profile",
        state: challenge.state,
        nonce: challenge.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(challenge.verifier),
        code_challenge_method: "S256",
      });
      return { address: address.href, challenge };
    },
    async redeem(query, challenge) {
      const { configuration } = await current();
      return await refusing(async () => {
        const returned = new URL(settings.callbackUrl);
        returned.search = query;
        const tokens = await openid.authorizationCodeGrant(configuration, returned, {
          expectedState: challenge.state,
          expectedNonce: challenge.nonce,
          pkceCodeVerifier: challenge.verifier,
          idTokenExpected: true,
        });
        const claims = claimsSchema.parse(tokens.claims());
        return {
          subject: pseudonym(settings.issuer, claims.sub),
          name: claims.name ?? "",
          groups: claims.groups,
          providerSession: claims.sid,
          issuedAt: claims.iat,
          idToken: tokens.id_token ?? "",
        };
      });
    },
    async endSessionAddress(idToken) {
      const { configuration } = await current();
      return openid.buildEndSessionUrl(configuration, { id_token_hint: idToken, post_logout_redirect_uri: home }).href;
    },
    async readLogoutToken(token) {
      const { keys } = await current();
      return await refusing(() => verifyLogoutToken(token, keys, settings));
    },
  };
}
