import { randomBytes } from "node:crypto";

import { Provider } from "oidc-provider";
import type { ClientMetadata, Configuration, JWK } from "oidc-provider";

import { claimsOf } from "./accounts.ts";
import type { Accounts } from "./accounts.ts";
import { messagePage, signOutPage } from "./pages.ts";
import type { Client, Settings } from "./settings.ts";
import type { Store } from "./store.ts";

/** Where people are sent to sign in: below Authentik's own path for flows. */
export const FLOW_PATH = "/if/flow/sign-in-stand-in/";

/** The client that the wall itself is; no other service can have its name. */
export const OUTPOST_CLIENT = "sign-in-stand-in";

/** Eight hours, in seconds: as long as a session of the application at most. */
export const SESSION_LIFE = 8 * 60 * 60;

/** Authentik's paths that all clients share. */
export const sharedPaths = { authorize: "/application/o/authorize/", token: "/application/o/token/", userinfo: "/application/o/userinfo/" } as const;

/** What a client's own paths begin with. */
export const applicationPath = (client: string): string => `/application/o/${client}/`;

/** As Authentik writes it into tokens. */
export const issuerOf = (settings: Settings, client: string): string => settings.origin + applicationPath(client);

/** A client's own paths; oidc-provider extends `authorize` and `endSession`, and takes no slash at their end, where Authentik has one. */
export const pathsOf = (client: string) => {
  const application = applicationPath(client);
  return { authorize: `${application}authorize`, endSession: `${application}end-session`, discovery: `${application}.well-known/openid-configuration` } as const;
};

const webClient = ({ id, secret, callbackUrl, signOutUrl }: Client): ClientMetadata => ({
  client_id: id,
  client_secret: secret,
  redirect_uris: [callbackUrl],
  post_logout_redirect_uris: [`${new URL(callbackUrl).origin}/`],
  token_endpoint_auth_method: "client_secret_post",
  ...(signOutUrl !== undefined && { backchannel_logout_uri: signOutUrl, backchannel_logout_session_required: true }),
});

const outpostClient = (settings: Settings): ClientMetadata => ({
  client_id: OUTPOST_CLIENT,
  client_secret: randomBytes(32).toString("base64url"),
  redirect_uris: Object.keys(settings.protectedHosts).map((host) => `https://${host}/outpost.goauthentik.io/callback`),
  post_logout_redirect_uris: [`${settings.origin}/`],
});

/** Every client of this stand-in by its id, and the wall itself among them. */
export const clientsOf = (settings: Settings): ReadonlyMap<string, ClientMetadata> =>
  new Map([
    ...settings.clients.map((client) => [client.id, webClient(client)] as const),
    ...(Object.keys(settings.protectedHosts).length === 0 ? [] : [[OUTPOST_CLIENT, outpostClient(settings)] as const]),
  ]);

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

/** What all providers have in common; the same cookies and store make one session of theirs. */
export interface Shared {
  readonly accounts: Accounts;
  readonly store: Store;
  readonly jwk: JWK;
  readonly cookieKey: string;
}

/** The certified provider with Authentik's paths, for one client and its issuer. */
export function createProvider(settings: Settings, client: ClientMetadata, { accounts, store, jwk, cookieKey }: Shared): Provider {
  const id = client.client_id;
  const paths = pathsOf(id);
  const provider = new Provider(issuerOf(settings, id), {
    adapter: (kind) => store.adapter(kind),
    clients: [client],
    jwks: { keys: [jwk] },
    cookies: { keys: [cookieKey] },
    claims: { openid: ["sub"], profile: ["name", "preferred_username", "nickname", "groups"], email: ["email", "email_verified"] },
    // Authentik puts what the scopes tell into the ID token too.
    conformIdTokenClaims: false,
    // No page of another site may ask for tokens.
    clientBasedCORS: () => false,
    pkce: { required: () => true },
    findAccount: (_ctx, uuid) => {
      const account = accounts.withUuid(uuid);
      return account === undefined ? undefined : { accountId: uuid, claims: () => claimsOf(account) };
    },
    loadExistingGrant,
    interactions: { url: (_ctx, interaction) => `${FLOW_PATH}${interaction.uid}` },
    routes: {
      authorization: paths.authorize,
      token: sharedPaths.token,
      userinfo: sharedPaths.userinfo,
      jwks: `${applicationPath(id)}jwks/`,
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
  // Discovery tells the addresses as Authentik writes them: one for all clients, and with a slash at their end.
  provider.use(async (ctx, next) => {
    await next();
    const body: unknown = ctx.body;
    if (ctx.path !== "/.well-known/openid-configuration" || typeof body !== "object" || body === null) return;
    ctx.body = { ...body, authorization_endpoint: settings.origin + sharedPaths.authorize, end_session_endpoint: `${settings.origin}${paths.endSession}/` };
  });
  return provider;
}
