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

const schema = z
  .object({
    ACCESS_LOG_KEY_FILE: fileSetting("set it to the path of the mounted secret, such as /run/secrets/ACCESS_LOG_KEY."),
    ERASURE_KEY_FILE: fileSetting("set it to the path of the mounted secret, such as /run/secrets/ERASURE_KEY."),
    BACKUP_RETENTION_DAYS: z.coerce
      .number("must be a number of days")
      .int("must be a whole number")
      .min(1, "must be at least 1")
      .meta({ fix: "set it to the days after which the oldest backup is gone, such as BACKUP_RETENTION_DAYS=30." }),
    OIDC_ACCOUNTS_API: z
      .url({ protocol: /^https?$/, error: "must be a URL that begins with https:// or http://" })
      .meta({ fix: "leave it out, or set it to the provider's own API, such as http://authentik-server:9000/api/v3." })
      .optional(),
    OIDC_ACCOUNTS_TOKEN_FILE: fileSetting("set it together with OIDC_ACCOUNTS_API to the path of the mounted token, or neither.").optional(),
  })
  .superRefine((values, context) => {
    if ((values.OIDC_ACCOUNTS_API === undefined) === (values.OIDC_ACCOUNTS_TOKEN_FILE === undefined)) return;
    const missing = values.OIDC_ACCOUNTS_API === undefined ? "OIDC_ACCOUNTS_API" : "OIDC_ACCOUNTS_TOKEN_FILE";
    context.addIssue({ code: "custom", path: [missing], message: "is not set" });
  });

/**
 * Reads the keys of the access log and of the erasure list, BACKUP_RETENTION_DAYS and the OIDC_ACCOUNTS_ variables.
 *
 * @throws SettingsError naming each wrong variable and its fix.
 */
export function readPrivacySettings(environment: NodeJS.ProcessEnv): PrivacySettings {
  const values = readEnvironment(schema, environment);
  const { OIDC_ACCOUNTS_API: api, OIDC_ACCOUNTS_TOKEN_FILE: tokenFile } = values;
  return {
    accessLogKeyFile: values.ACCESS_LOG_KEY_FILE,
    erasureKeyFile: values.ERASURE_KEY_FILE,
    backupRetentionDays: values.BACKUP_RETENTION_DAYS,
    accounts: api === undefined || tokenFile === undefined ? undefined : { api: api.replace(/\/$/, ""), tokenFile },
  };
}
