import { readFileSync } from "node:fs";

import { z } from "zod";

/** A setting that is missing or wrong, told for the person who has to mend it. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** An application that people sign in to here. */
export interface Client {
  readonly id: string;
  readonly secret: string;
  readonly callbackUrl: string;
  /** Told of sign-outs; nobody is told when left out. */
  readonly signOutUrl: string | undefined;
  /** With it the application may have accounts erased. */
  readonly accountsToken: string | undefined;
}

/** What the stand-in is told from outside. */
export interface Settings {
  readonly port: number;
  /** Where people sign in: https://auth.<domain>, with its port where it isn't 443. */
  readonly origin: string;
  readonly clients: readonly Client[];
  /** Hosts behind the wall, with their port where it isn't 443, and the groups that may pass. */
  readonly protectedHosts: Readonly<Record<string, readonly string[]>>;
  /** Of every demo account. */
  readonly password: string;
}

/** A variable that holds JSON. */
const json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: "custom", message: "is no JSON" });
    return z.NEVER;
  }
});

const secure = z.url({ protocol: /^https$/, error: "must be a URL that begins with https://" });
const path = z.string("must be the path of a file").startsWith("/", "must be an absolute path");

const client = z.strictObject({
  id: z.string("must be a name").regex(/^[a-z0-9-]+$/, "must be made of a-z, 0-9 and dashes"),
  callbackUrl: secure,
  secretFile: path,
  signOutUrl: z.url({ protocol: /^https?$/, error: "must be a URL" }).optional(),
  accountsTokenFile: path.optional(),
});

const schema = z.object({
  ENVIRONMENT: z.enum(["local", "ci"], "is not local or ci: demo accounts must not open anything that people use. Use Authentik there"),
  HTTP_PORT: z.coerce.number("must be a port").int("must be a port").min(0, "must be a port").max(65535, "must be a port"),
  SIGN_IN_ORIGIN: secure.refine((url) => URL.parse(url)?.origin === url, "must be an origin, without a path or a slash at its end"),
  CLIENTS: json.pipe(z.array(client, "must be a list")).refine((clients) => new Set(clients.map(({ id }) => id)).size === clients.length, "must not name a client twice"),
  PROTECTED_HOSTS: json
    .pipe(z.record(z.string().regex(/^[a-z0-9.-]+(:\d+)?$/, "must name hosts"), z.array(z.string().min(1)).min(1, "must name a group for each host")))
    .default({}),
  DEMO_PASSWORD_FILE: path,
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
      const [name, ...within] = issue.path.map(String);
      const place = within.length === 0 ? "" : `${within.join(".")} `;
      return `✖ ${name}: ${name !== undefined && name in given ? place + issue.message : "is not set"}`;
    });
    throw new SettingsError(`The sign-in stand-in does not start: its environment is not right.\n${problems.join("\n")}`);
  }
  const values = result.data;
  return {
    port: values.HTTP_PORT,
    origin: values.SIGN_IN_ORIGIN,
    clients: values.CLIENTS.map(({ id, callbackUrl, secretFile, signOutUrl, accountsTokenFile }) => ({
      id,
      callbackUrl,
      secret: readSecret(`CLIENTS: secretFile of ${id}`, secretFile),
      signOutUrl,
      accountsToken: accountsTokenFile === undefined ? undefined : readSecret(`CLIENTS: accountsTokenFile of ${id}`, accountsTokenFile),
    })),
    protectedHosts: values.PROTECTED_HOSTS,
    password: readSecret("DEMO_PASSWORD_FILE", values.DEMO_PASSWORD_FILE),
  };
}
