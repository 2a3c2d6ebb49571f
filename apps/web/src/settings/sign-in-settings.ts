import { z } from "zod";

import { SettingsError, fileSetting, readEnvironment } from "./environment.ts";

/** Who signs members in, and as what this application is known there. */
export interface SignInSettings {
  /** As the provider writes it into tokens, the slash at its end included. */
  readonly issuer: string;
  readonly clientId: string;
  /** Read again for each discovery, so that a rotated secret needs no restart. */
  readonly clientSecretFile: string;
  /** The public address that the provider sends people back to. */
  readonly callbackUrl: string;
  /** Where requests to the issuer's origin are sent from inside: scheme, host and port. */
  readonly backChannel: string;
  /** Whoever is in one of these groups may sign in, and nobody else. */
  readonly requiredGroups: readonly string[];
  /** Where the provider tells of sign-outs (OpenID Connect Back-Channel Logout 1.0); undefined where it tells none. */
  readonly backChannelLogoutPath: string | undefined;
}

const VARIABLES = ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET_FILE", "OIDC_CALLBACK_URL", "OIDC_BACK_CHANNEL", "OIDC_REQUIRED_GROUPS"] as const;

const publicUrl = (fix: string) => z.url({ protocol: /^https$/, error: "must be a URL that begins with https://" }).meta({ fix });

const schema = z.object({
  OIDC_ISSUER: publicUrl("set it to the issuer of the provider's tokens, such as https://auth.jlam.localhost/application/o/web/."),
  OIDC_CLIENT_ID: z.string().meta({ fix: "set it to the name of this application at the provider, such as OIDC_CLIENT_ID=web." }),
  OIDC_CLIENT_SECRET_FILE: fileSetting("set it to the path of the mounted secret, such as /run/secrets/OIDC_CLIENT_SECRET."),
  OIDC_CALLBACK_URL: publicUrl("set it to the public address of the callback, such as https://jlam.localhost/auth/callback."),
  OIDC_BACK_CHANNEL: z
    .url({ protocol: /^https?$/, error: "must be a URL that begins with https:// or http://" })
    .refine((url) => URL.parse(url)?.pathname === "/", "must have no path")
    .meta({ fix: "set it to where the provider answers inside, such as http://authentik-server:9000." }),
  OIDC_REQUIRED_GROUPS: z
    .string()
    .transform((list) => list.split(",").map((group) => group.trim()).filter((group) => group !== ""))
    .pipe(z.array(z.string()).min(1, "must name at least one group"))
    .meta({ fix: "set it to the groups that may sign in, separated by commas." }),
  OIDC_BACK_CHANNEL_LOGOUT_PATH: z
    .string()
    .startsWith("/", "must begin with a slash")
    .optional()
    .meta({ fix: "set it to the path on which the provider tells of sign-outs, such as /auth/backchannel-logout, or leave it out." }),
});

/**
 * Reads the OIDC_ variables; undefined when none of them is set, for an application where nobody can sign in.
 *
 * @throws SettingsError naming each wrong variable and its fix, or the missing ones when only some are set.
 */
export function readSignInSettings(environment: NodeJS.ProcessEnv): SignInSettings | undefined {
  if (VARIABLES.every((name) => (environment[name] ?? "") === "")) return undefined;
  const values = readEnvironment(schema, environment);
  if (new URL(values.OIDC_CALLBACK_URL).search !== "") {
    throw new SettingsError("The environment of this program is not right.\n✖ OIDC_CALLBACK_URL: has a query\n  Fix: leave out everything from the question mark on.");
  }
  return {
    issuer: values.OIDC_ISSUER,
    clientId: values.OIDC_CLIENT_ID,
    clientSecretFile: values.OIDC_CLIENT_SECRET_FILE,
    callbackUrl: values.OIDC_CALLBACK_URL,
    backChannel: new URL(values.OIDC_BACK_CHANNEL).origin,
    requiredGroups: values.OIDC_REQUIRED_GROUPS,
    backChannelLogoutPath: values.OIDC_BACK_CHANNEL_LOGOUT_PATH,
  };
}
