import { z } from "zod";

import { fileSetting, hostSetting, portSetting, readEnvironment, tlsSetting } from "./environment.ts";

/** How to reach the Redis that holds sessions, and the key that guards their ids. */
export interface SessionSettings {
  readonly host: string;
  readonly port: number;
  /** Redis's own default user when left out. */
  readonly user: string | undefined;
  /** Read again for each new connection. */
  readonly passwordFile: string;
  readonly tls: "off" | "verify-full";
  /** Certificate authorities to trust in place of the system's. */
  readonly caFile: string | undefined;
  readonly keyFile: string;
}

const schema = z.object({
  SESSIONS_HOST: hostSetting("set it to the host name of Redis, such as SESSIONS_HOST=sessions."),
  SESSIONS_PORT: portSetting("set it to Redis's port, such as SESSIONS_PORT=6379."),
  SESSIONS_USER: z.string().meta({ fix: "leave it out, or set it to a user of Redis's access list." }).optional(),
  SESSIONS_PASSWORD_FILE: fileSetting("set it to the path of the mounted secret, such as /run/secrets/sessions_password."),
  SESSIONS_TLS: tlsSetting('set it to "verify-full" for a Redis on another host, "off" inside one Docker network.'),
  SESSIONS_CA_FILE: fileSetting("leave it out, or set it to the path of a PEM file with the authority's certificate.").optional(),
  SESSION_KEY_FILE: fileSetting("set it to the path of the mounted secret, such as /run/secrets/session_key."),
});

/**
 * Reads the SESSIONS_ variables and SESSION_KEY_FILE.
 *
 * @throws SettingsError naming each wrong variable and its fix.
 */
export function readSessionSettings(environment: NodeJS.ProcessEnv): SessionSettings {
  const values = readEnvironment(schema, environment);
  return {
    host: values.SESSIONS_HOST,
    port: values.SESSIONS_PORT,
    user: values.SESSIONS_USER,
    passwordFile: values.SESSIONS_PASSWORD_FILE,
    tls: values.SESSIONS_TLS,
    caFile: values.SESSIONS_CA_FILE,
    keyFile: values.SESSION_KEY_FILE,
  };
}
