import type { DatabaseSettings } from "../settings/database-settings.ts";

/** What a person can do about an error of the connection, by Node's code or PostgreSQL's SQLSTATE. */
const CONNECTION_FIXES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Nothing listens there. Fix: start the database, or correct DATABASE_HOST and DATABASE_PORT.",
  ENOTFOUND: "The host has no address. Fix: correct DATABASE_HOST, or join the database's network.",
  EAI_AGAIN: "The host has no address yet. Fix: correct DATABASE_HOST, or join the database's network.",
  ETIMEDOUT: "It did not answer. Fix: look at the firewall and at the database's health.",
  "28P01": "The password was refused. Fix: make the secret in DATABASE_PASSWORD_FILE equal to the role's password.",
  "28000": "The role was refused. Fix: correct DATABASE_USER, or allow the role in pg_hba.conf.",
  "3D000": "The database does not exist. Fix: correct DATABASE_NAME, or create it.",
  "42501": "The role may not do this. Fix: run it as the role that owns the schema.",
};

/** Says which database could not be used and what to do about it; for an error that isn't known, what it says itself. */
export function adviceOn(error: unknown, settings: DatabaseSettings, work: string): string {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const where = `PostgreSQL at ${settings.host}:${settings.port}, database ${settings.name}, role ${settings.user}`;
  const known = CONNECTION_FIXES[code];
  return known === undefined ? `${where}: ${work} failed (${error instanceof Error ? error.message : String(error)}).` : `${where}: ${known}`;
}
