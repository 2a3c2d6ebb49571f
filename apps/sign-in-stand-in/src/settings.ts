import { readFileSync } from "node:fs";

import { z } from "zod";

/** A setting that is missing or wrong, told for the person who has to mend it. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** What the stand-in is told from outside. */
export interface Settings {
  readonly port: number;
  /** As Authentik writes it into tokens: https://auth.<domain>/application/o/<slug>/. */
  readonly issuer: string;
  readonly client: {
    readonly id: string;
    readonly secret: string;
    readonly callbackUrl: string;
    /** Told of sign-outs; nobody is told when left out. */
    readonly backChannelLogoutUrl: string | undefined;
  };
  /** Hosts behind the wall, with their port where it isn't 443, and the groups that may pass. */
  readonly protectedHosts: Readonly<Record<string, readonly string[]>>;
  /** Of every demo account. */
  readonly password: string;
}

const secure = z.url({ protocol: /^https$/, error: "must be a URL that begins with https://" });

const schema = z.object({
  ENVIRONMENT: z.enum(["local", "ci"], "is not local or ci: demo accounts must not open anything that people use. Use Authentik there"),
  HTTP_PORT: z.coerce.number("must be a port").int("must be a port").min(0, "must be a port").max(65535, "must be a port"),
  OIDC_ISSUER: secure.refine((url) => /^\/application\/o\/[a-z0-9-]+\/$/.test(URL.parse(url)?.pathname ?? ""), "must end in /application/o/<slug>/, as Authentik's"),
  OIDC_CLIENT_ID: z.string().min(1),
  OIDC_CLIENT_SECRET_FILE: z.string().startsWith("/", "must be an absolute path"),
  OIDC_CALLBACK_URL: secure,
  BACK_CHANNEL_LOGOUT_URL: z.url({ protocol: /^https?$/, error: "must be a URL" }).optional(),
  PROTECTED_HOSTS: z
    .string()
    .default("{}")
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: "is no JSON" });
        return z.NEVER;
      }
    })
    .pipe(z.record(z.string().regex(/^[a-z0-9.-]+(:\d+)?$/, "must name hosts"), z.array(z.string().min(1)).min(1, "must name a group for each host"))),
  DEMO_PASSWORD_FILE: z.string().startsWith("/", "must be an absolute path"),
});

function readSecret(name: string, path: string): string {
  try {
    const secret = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    if (secret.length >= 12) return secret;
  } catch {
    throw new SettingsError(`✖ ${name}: the file ${path} can't be read.\n  Fix: mount the secret there, readable by uid ${process.getuid?.() ?? "?"}.`);
  }
  throw new SettingsError(`✖ ${name}: the secret in ${path} has fewer than 12 characters.\n  Fix: let it be generated.`);
}

/**
 * Reads all settings.
 *
 * @throws SettingsError naming each wrong variable; always when ENVIRONMENT is not local or ci
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.keys(schema.shape).flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
  const result = schema.safeParse(given);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return `✖ ${name}: ${name in given ? issue.message : "is not set"}`;
    });
    throw new SettingsError(`The sign-in stand-in does not start: its environment is not right.\n${problems.join("\n")}`);
  }
  const values = result.data;
  return {
    port: values.HTTP_PORT,
    issuer: values.OIDC_ISSUER,
    client: {
      id: values.OIDC_CLIENT_ID,
      secret: readSecret("OIDC_CLIENT_SECRET_FILE", values.OIDC_CLIENT_SECRET_FILE),
      callbackUrl: values.OIDC_CALLBACK_URL,
      backChannelLogoutUrl: values.BACK_CHANNEL_LOGOUT_URL,
    },
    protectedHosts: values.PROTECTED_HOSTS,
    password: readSecret("DEMO_PASSWORD_FILE", values.DEMO_PASSWORD_FILE),
  };
}
