import { duration, type Duration, type DurationInput } from "./units.ts";

/** At least one group: an application without a group is open to every account (Authentik's documentation, manage_apps). */
export type Groups = readonly [string, ...string[]];

/** The service signs people in itself, by OpenID Connect's code flow. */
export interface OidcSignIn {
  readonly kind: "oidc";
  readonly callback: string;
  readonly groups: Groups;
  readonly scopes: readonly string[];
  readonly accessTokenLifetime: Duration;
  readonly refreshTokenLifetime: Duration;
  /** Path on which the identity provider tells of sign-outs (OpenID Connect Back-Channel Logout 1.0); undefined: it isn't told. */
  readonly backChannelLogout: string | undefined;
  /** What it may do with people's accounts at the identity provider, beyond signing them in. */
  readonly accounts: "nothing" | "erase";
}

/** The proxy asks the identity provider before every request; the service itself knows nobody. */
export interface ForwardAuthSignIn {
  readonly kind: "forward-auth";
  readonly groups: Groups;
  readonly accessTokenLifetime: Duration;
  /** Whether programs may come with the environment's password for machines (HTTP Basic) instead of a session. */
  readonly machines: boolean;
}

export type SignIn = OidcSignIn | ForwardAuthSignIn;

/** OpenID Connect with this callback path, for members of these groups only. */
export const oidc = (options: {
  readonly callback: `/${string}`;
  readonly groups: Groups;
  readonly scopes?: readonly string[];
  readonly accessTokenLifetime?: DurationInput;
  readonly refreshTokenLifetime?: DurationInput;
  readonly backChannelLogout?: `/${string}`;
  /** `erase`: it may remove the account of somebody who asks to be forgotten, and gets a token for that alone. */
  readonly accounts?: OidcSignIn["accounts"];
}): OidcSignIn => ({
  kind: "oidc",
  callback: options.callback,
  groups: options.groups,
  scopes: options.scopes ?? ["openid", "profile", "email"],
  accessTokenLifetime: duration(options.accessTokenLifetime ?? "10m"),
  refreshTokenLifetime: duration(options.refreshTokenLifetime ?? "12h"),
  backChannelLogout: options.backChannelLogout,
  accounts: options.accounts ?? "nothing",
});

/** The middleware, of the proxy's own, that asks machines for their password; and the one user that it knows. */
export const machines = { middleware: "machines", user: "machine" } as const;

/** A wall in front of every route of the service, for members of these groups only; with `machines` also for programs that have the password. */
export const forwardAuth = (options: { readonly groups: Groups; readonly accessTokenLifetime?: DurationInput; readonly machines?: boolean }): ForwardAuthSignIn => ({
  kind: "forward-auth",
  groups: options.groups,
  accessTokenLifetime: duration(options.accessTokenLifetime ?? "8h"),
  machines: options.machines ?? false,
});
