import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";

import { Provider } from "oidc-provider";
import type { ClientMetadata, Configuration, JWK } from "oidc-provider";

import { accountOf, claimsOf } from "./accounts.ts";
import { messagePage, signOutPage } from "./pages.ts";
import type { Settings } from "./settings.ts";

/** Where people are sent to sign in: below Authentik's own path for flows. */
export const FLOW_PATH = "/if/flow/sign-in-stand-in/";

/** The client that the wall itself is. */
export const OUTPOST_CLIENT = "outpost";

/** Eight hours, in seconds: as long as a session of the application at most. */
export const SESSION_LIFE = 8 * 60 * 60;

/** Every path that oidc-provider extends; it takes no slash at their end, where Authentik has one. */
interface ProviderPaths {
  readonly authorize: string;
  readonly endSession: string;
  readonly discovery: string;
}

export const pathsOf = (issuer: string): ProviderPaths => {
  const application = new URL(issuer).pathname;
  return { authorize: "/application/o/authorize", endSession: `${application}end-session`, discovery: `${application}.well-known/openid-configuration` };
};

function clients(settings: Settings): ClientMetadata[] {
  const { client, issuer } = settings;
  const web: ClientMetadata = {
    client_id: client.id,
    client_secret: client.secret,
    redirect_uris: [client.callbackUrl],
    post_logout_redirect_uris: [`${new URL(client.callbackUrl).origin}/`],
    token_endpoint_auth_method: "client_secret_post",
    ...(client.backChannelLogoutUrl === undefined ? {} : { backchannel_logout_uri: client.backChannelLogoutUrl, backchannel_logout_session_required: true }),
  };
  const hosts = Object.keys(settings.protectedHosts);
  if (hosts.length === 0) return [web];
  return [
    web,
    {
      client_id: OUTPOST_CLIENT,
      client_secret: randomBytes(32).toString("base64url"),
      redirect_uris: hosts.map((host) => `https://${host}/outpost.goauthentik.io/callback`),
      post_logout_redirect_uris: [`${new URL(issuer).origin}/`],
    },
  ];
}

/** Consent was given by whoever runs the platform: nobody is asked (Authentik's implicit-consent flow). */
const loadExistingGrant: NonNullable<Configuration["loadExistingGrant"]> = async (ctx) => {
  const { client, session, provider } = ctx.oidc;
  if (client === undefined || session?.accountId === undefined) return undefined;
  const known = session.grantIdFor(client.clientId);
  const existing = known === undefined ? undefined : await provider.Grant.find(known);
  if (existing !== undefined) return existing;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope("openid profile email");
  await grant.save();
  return grant;
};

/** The certified provider with Authentik's paths, and the key that it signs with. What it knows ends with the process. */
export function createProvider(settings: Settings): { readonly provider: Provider; readonly key: KeyObject } {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const application = new URL(settings.issuer).pathname;
  const paths = pathsOf(settings.issuer);
  const jwk: JWK = { ...privateKey.export({ format: "jwk" }), kty: "RSA", use: "sig", alg: "RS256" };
  const provider = new Provider(settings.issuer, {
    clients: clients(settings),
    jwks: { keys: [jwk] },
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    claims: { openid: ["sub"], profile: ["name", "preferred_username", "nickname", "groups"], email: ["email", "email_verified"] },
    // Authentik puts what the scopes tell into the ID token too.
    conformIdTokenClaims: false,
    // No page of another site may ask for tokens.
    clientBasedCORS: () => false,
    pkce: { required: () => true },
    findAccount: (_ctx, subject) => {
      const account = accountOf(subject);
      return account === undefined ? undefined : { accountId: subject, claims: () => claimsOf(account) };
    },
    loadExistingGrant,
    interactions: { url: (_ctx, interaction) => `${FLOW_PATH}${interaction.uid}` },
    routes: {
      authorization: paths.authorize,
      token: "/application/o/token/",
      userinfo: "/application/o/userinfo/",
      jwks: `${application}jwks/`,
      end_session: paths.endSession,
    },
    ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Interaction: 600, Session: SESSION_LIFE, Grant: SESSION_LIFE },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = signOutPage(form);
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.body = messagePage("Uitgelogd", "Je bent uitgelogd.");
        },
      },
    },
    renderError: (ctx) => {
      ctx.type = "html";
      ctx.body = messagePage("Dit klopt niet", "De toepassing stuurde een verzoek dat niet klopt, of je deed er te lang over. Ga terug en begin opnieuw.");
    },
    // The library's own dispatcher refuses addresses of private networks, and the application has no other.
    fetch: (url, options) => {
      const { method = "GET", headers = {}, body = null, redirect = "manual", signal = null } = options ?? {};
      return fetch(url, { method, headers, body, redirect, signal });
    },
  });
  // Traefik ends TLS, and says for which host it was.
  provider.proxy = true;
  return { provider, key: privateKey };
}
