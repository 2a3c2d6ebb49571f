import { middleware, type Middleware } from "@jlam/compose-dsl";

/** Path under which Authentik's outpost answers on every protected host (its documentation, "Forward auth"). */
export const outpostPath: `/${string}` = "/outpost.goauthentik.io";

/**
 * Every header that Authentik may set about a person.
 * Traefik removes only listed headers from what clients send, so the list has to be complete or they can be forged.
 */
export const identityHeaders: readonly string[] = [
  "X-authentik-username",
  "X-authentik-groups",
  "X-authentik-entitlements",
  "X-authentik-email",
  "X-authentik-name",
  "X-authentik-uid",
  "X-authentik-jwt",
  "X-authentik-meta-jwks",
  "X-authentik-meta-outpost",
  "X-authentik-meta-provider",
  "X-authentik-meta-app",
  "X-authentik-meta-version",
];

/** The middleware that asks Authentik before a request passes; `server` is its internal address. */
export const signInMiddleware = (server: string): Middleware =>
  middleware("sign-in", {
    forwardAuth: {
      // Internal: by its public name the question would come through this very middleware (goauthentik/authentik#2366).
      address: `http://${server}${outpostPath}/auth/traefik`,
      // Traefik's own: its entry point believes nobody's, so what stands in them is true.
      trustForwardHeader: true,
      authResponseHeaders: identityHeaders,
      // An answer is a redirect or a short page; without a limit one could fill the proxy's memory, and Traefik warns.
      maxResponseBodySize: 1_048_576,
    },
  });
