import { z } from "zod";

import { fileSetting, readEnvironment } from "./environment.ts";

/** Where the program removes accounts at the provider. */
export interface AccountsSettings {
  /** Without a slash at its end. */
  readonly api: string;
  /** Read again for each request. */
  readonly tokenFile: string;
}

/** What the program needs to keep the promises of its privacy notice. */
export interface PrivacySettings {
  readonly accessLogKeyFile: string;
  readonly erasureKeyFile: string;
  /** How long a backup still holds what was erased here, in days. */
  readonly backupRetentionDays: number;
  /** Undefined where accounts at the provider aren't ours to erase. */
  readonly accounts: AccountsSettings | undefined;
}

const erasureKey = { ERASURE_KEY_FILE: fileSetting("set it to the path of the mounted secret, such as /run/secrets/ERASURE_KEY.") };

const keysSchema = z.object({
  ...erasureKey,
  ACCESS_LOG_KEY_FILE: fileSetting("set it to the path of the mounted secret, such as /run/secrets/ACCESS_LOG_KEY."),
  BACKUP_RETENTION_DAYS: z.coerce
    .number("must be a number of days")
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .meta({ fix: "set it to the days after which the oldest backup is gone, such as BACKUP_RETENTION_DAYS=30." }),
});

const accountsSchema = z.object({
  OIDC_ACCOUNTS_API: z
    .url({ protocol: /^https?$/, error: "must be a URL that begins with https:// or http://" })
    .meta({ fix: "set it to the provider's own API, such as http://authentik-server:9000/api/v3, or leave out both OIDC_ACCOUNTS_ variables." }),
  OIDC_ACCOUNTS_TOKEN_FILE: fileSetting("set it to the path of the mounted token, or leave out both OIDC_ACCOUNTS_ variables."),
});

/**
 * Reads the OIDC_ACCOUNTS_ variables; undefined when neither is set.
 *
 * @throws SettingsError naming each wrong variable and its fix, or the missing one when only one is set
 */
export function readAccountsSettings(environment: NodeJS.ProcessEnv): AccountsSettings | undefined {
  if (Object.keys(accountsSchema.shape).every((name) => (environment[name] ?? "") === "")) return undefined;
  const values = readEnvironment(accountsSchema, environment);
  return { api: values.OIDC_ACCOUNTS_API.replace(/\/$/, ""), tokenFile: values.OIDC_ACCOUNTS_TOKEN_FILE };
}

/** Reads ERASURE_KEY_FILE alone, for the command that needs nothing else. @throws SettingsError when it is missing or wrong */
export const readErasureKeySettings = (environment: NodeJS.ProcessEnv): string => readEnvironment(z.object(erasureKey), environment).ERASURE_KEY_FILE;

/**
 * Reads the keys of the access log and of the erasure list, BACKUP_RETENTION_DAYS and the OIDC_ACCOUNTS_ variables.
 *
 * @throws SettingsError naming each wrong variable and its fix.
 */
export function readPrivacySettings(environment: NodeJS.ProcessEnv): PrivacySettings {
  const values = readEnvironment(keysSchema, environment);
  return {
    accessLogKeyFile: values.ACCESS_LOG_KEY_FILE,
    erasureKeyFile: values.ERASURE_KEY_FILE,
    backupRetentionDays: values.BACKUP_RETENTION_DAYS,
    accounts: readAccountsSettings(environment),
  };
}
