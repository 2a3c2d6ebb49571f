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
