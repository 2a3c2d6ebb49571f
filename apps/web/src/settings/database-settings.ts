import { z } from "zod";

import { fileSetting, hostSetting, portSetting, readEnvironment, tlsSetting } from "./environment.ts";

/** How to reach PostgreSQL, and as which role. */
export interface DatabaseSettings {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  /** Read again for each new connection. */
  readonly passwordFile: string;
  readonly tls: "off" | "verify-full";
  /** Certificate authorities to trust in place of the system's. */
  readonly caFile: string | undefined;
}

const schema = z.object({
  DATABASE_HOST: hostSetting("set it to the host name of PostgreSQL, such as DATABASE_HOST=database."),
  DATABASE_PORT: portSetting("set it to PostgreSQL's port, such as DATABASE_PORT=5432."),
  DATABASE_NAME: z.string().meta({ fix: "set it to the name of the database, such as DATABASE_NAME=app." }),
  DATABASE_USER: z.string().meta({
    fix: "set it to the role: the application's role for the server, the owner's role for migrations.",
  }),
  DATABASE_PASSWORD_FILE: fileSetting("set it to the path of the mounted secret, such as /run/secrets/database_password."),
  DATABASE_TLS: tlsSetting('set it to "verify-full" for a database on another host, "off" inside one Docker network.'),
  DATABASE_CA_FILE: fileSetting("leave it out, or set it to the path of a PEM file with the authority's certificate.").optional(),
});

/**
 * Reads the DATABASE_ variables.
 *
 * @throws SettingsError naming each wrong variable and its fix.
 */
export function readDatabaseSettings(environment: NodeJS.ProcessEnv): DatabaseSettings {
  const values = readEnvironment(schema, environment);
  return {
    host: values.DATABASE_HOST,
    port: values.DATABASE_PORT,
    name: values.DATABASE_NAME,
    user: values.DATABASE_USER,
    passwordFile: values.DATABASE_PASSWORD_FILE,
    tls: values.DATABASE_TLS,
    caFile: values.DATABASE_CA_FILE,
  };
}
