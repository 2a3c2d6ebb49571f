import type { DatabaseSettings } from "./database-settings.ts";
import { readDatabaseSettings } from "./database-settings.ts";
import { SettingsError } from "./environment.ts";
import type { HttpSettings } from "./http-settings.ts";
import { readHttpSettings } from "./http-settings.ts";
import type { LogSettings } from "./log-settings.ts";
import { readLogSettings } from "./log-settings.ts";
import type { PrivacySettings } from "./privacy-settings.ts";
import { readPrivacySettings } from "./privacy-settings.ts";
import type { SessionSettings } from "./session-settings.ts";
import { readSessionSettings } from "./session-settings.ts";
import type { SignInSettings } from "./sign-in-settings.ts";
import { readSignInSettings } from "./sign-in-settings.ts";

/** Everything the server is told from outside. */
export interface ServerSettings {
  readonly log: LogSettings;
  readonly http: HttpSettings;
  readonly database: DatabaseSettings;
  readonly sessions: SessionSettings;
  readonly privacy: PrivacySettings;
  /** Undefined where nobody can sign in. */
  readonly signIn: SignInSettings | undefined;
}

/**
 * Reads all settings of the server at once, so that one start shows every mistake.
 *
 * @throws SettingsError naming each wrong variable of every group.
 */
export function readServerSettings(environment: NodeJS.ProcessEnv): ServerSettings {
  const problems: string[] = [];
  const attempt = <T>(read: (from: NodeJS.ProcessEnv) => T): T | undefined => {
    try {
      return read(environment);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      problems.push(problems.length === 0 ? error.message : error.message.replace(/^[^\n]*\n/, ""));
      return undefined;
    }
  };
  const log = attempt(readLogSettings);
  const http = attempt(readHttpSettings);
  const database = attempt(readDatabaseSettings);
  const sessions = attempt(readSessionSettings);
  const privacy = attempt(readPrivacySettings);
  const signIn = attempt(readSignInSettings);
  if (log === undefined || http === undefined || database === undefined || sessions === undefined || privacy === undefined || problems.length > 0) {
    throw new SettingsError(problems.join("\n"));
  }
  return { log, http, database, sessions, privacy, signIn };
}
