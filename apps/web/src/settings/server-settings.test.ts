import { expect, test } from "vitest";

import { readServerSettings } from "./server-settings.ts";

const valid: NodeJS.ProcessEnv = {
  ENVIRONMENT: "test",
  HTTP_PORT: "3000",
  METRICS_PORT: "9464",
  HEALTH_PATH: "/health",
  READY_PATH: "/ready",
  METRICS_PATH: "/metrics",
  PUBLIC_URL: "https://jlam.localhost",
  SESSION_KEY_FILE: "/run/secrets/session_key",
  ACCESS_LOG_KEY_FILE: "/run/secrets/access_log_key",
  ERASURE_KEY_FILE: "/run/secrets/erasure_key",
  BACKUP_RETENTION_DAYS: "30",
  DATABASE_HOST: "database",
  DATABASE_PORT: "5432",
  DATABASE_NAME: "app",
  DATABASE_USER: "app_application",
  DATABASE_PASSWORD_FILE: "/run/secrets/database_password",
  DATABASE_TLS: "off",
  SESSIONS_HOST: "sessions",
  SESSIONS_PORT: "6379",
  SESSIONS_PASSWORD_FILE: "/run/secrets/sessions_password",
  SESSIONS_TLS: "off",
};

test("the least that must be set is enough", () => {
  const settings = readServerSettings(valid);
  expect(settings.log).toEqual({ level: "info", service: "web", environment: "test" });
  expect(settings.http).toMatchObject({ port: 3000, publicOrigin: "https://jlam.localhost", trustedProxies: [], shutdownLimit: 15_000 });
  expect(settings.sessions.user).toBeUndefined();
});

test("an empty variable counts as not set, since that is how Compose passes on what isn't set", () => {
  expect(readServerSettings({ ...valid, SESSIONS_USER: "", LOG_LEVEL: "" })).toEqual(readServerSettings(valid));
});

test("networks of proxies are taken apart", () => {
  const { http } = readServerSettings({ ...valid, TRUSTED_PROXIES: "10.20.0.0/24, fd00::/8" });
  expect(http.trustedProxies).toEqual(["10.20.0.0/24", "fd00::/8"]);
});

test("everything that is missing is named at once, each with its fix", () => {
  expect(() => readServerSettings({})).toThrow(/✖ HTTP_PORT: is not set\n {2}Fix: .*HTTP_PORT=3000[^]*✖ DATABASE_HOST: is not set[^]*✖ SESSION_KEY_FILE: is not set/);
});

const signIn: NodeJS.ProcessEnv = {
  OIDC_ISSUER: "https://auth.jlam.localhost/application/o/web/",
  OIDC_CLIENT_ID: "web",
  OIDC_CLIENT_SECRET_FILE: "/run/secrets/OIDC_CLIENT_SECRET",
  OIDC_CALLBACK_URL: "https://jlam.localhost/auth/callback",
  OIDC_BACK_CHANNEL: "http://authentik-server:9000",
  OIDC_REQUIRED_GROUPS: "members,operators",
};

test("without any variable of the provider nobody can sign in, with all of them members can", () => {
  expect(readServerSettings(valid).signIn).toBeUndefined();
  expect(readServerSettings({ ...valid, ...signIn }).signIn).toMatchObject({ clientId: "web", requiredGroups: ["members", "operators"], backChannelLogoutPath: undefined });
});

test.each(Object.keys(signIn))("the others without %s are refused: a sign-in is whole or not there", (name) => {
  expect(() => readServerSettings({ ...valid, ...signIn, [name]: "" })).toThrow(new RegExp(`✖ ${name}: is not set\\n {2}Fix: `));
});

const accounts: NodeJS.ProcessEnv = {
  OIDC_ACCOUNTS_API: "http://authentik-server:9000/api/v3/",
  OIDC_ACCOUNTS_TOKEN_FILE: "/run/secrets/OIDC_ACCOUNTS_TOKEN",
};

test("accounts at the provider are erased where both its variables say how, and nowhere else", () => {
  expect(readServerSettings(valid).privacy.accounts).toBeUndefined();
  expect(readServerSettings({ ...valid, ...accounts }).privacy.accounts?.api).toBe("http://authentik-server:9000/api/v3");
});

test.each(Object.keys(accounts))("the other without %s is refused: accounts would stay behind unnoticed", (name) => {
  expect(() => readServerSettings({ ...valid, ...accounts, [name]: "" })).toThrow(new RegExp(`✖ ${name}: is not set\\n {2}Fix: `));
});

test.each([
  ["OIDC_ISSUER", "http://auth.jlam.localhost/application/o/web/", "must be a URL that begins with https"],
  ["OIDC_CALLBACK_URL", "/auth/callback", "must be a URL that begins with https"],
  ["OIDC_CALLBACK_URL", "https://jlam.localhost/auth/callback?a=b", "has a query"],
  ["OIDC_BACK_CHANNEL", "http://authentik-server:9000/application", "must have no path"],
  ["OIDC_BACK_CHANNEL_LOGOUT_PATH", "auth/signed-out", "must begin with a slash"],
  ["OIDC_REQUIRED_GROUPS", " , ", "must name at least one group"],
])("%s=%s is refused with a reason and a fix", (name, value, reason) => {
  expect(() => readServerSettings({ ...valid, ...signIn, [name]: value })).toThrow(new RegExp(`✖ ${name}: .*${reason}.*\\n {2}Fix: `));
});

test.each([
  ["HTTP_PORT", "abc", "must be a number"],
  ["HTTP_PORT", "70000", "must be at most 65535"],
  ["METRICS_PORT", "3000", "is the same port as HTTP_PORT"],
  ["READY_PATH", "/health", "is the same path as HEALTH_PATH"],
  ["HEALTH_PATH", "health", "must be a path"],
  ["PUBLIC_URL", "jlam.nl", "must be a URL"],
  ["PUBLIC_URL", "https://jlam.nl/pad", "must have no path"],
  ["TRUSTED_PROXIES", "10.20.0.0/24,traefik", "must be addresses or networks"],
  ["DATABASE_TLS", "require", 'must be "off" or "verify-full"'],
  ["DATABASE_HOST", "postgres://database", "must be a host name"],
  ["SESSION_KEY_FILE", "secret", "must be an absolute path"],
  ["BACKUP_RETENTION_DAYS", "0", "must be at least 1"],
  ["ERASURE_KEY_FILE", "erasure_key", "must be an absolute path"],
  ["LOG_LEVEL", "loud", "is not a level of the log"],
  ["SHUTDOWN_LIMIT_SECONDS", "1", "is not longer than SHUTDOWN_DELAY_SECONDS"],
])("%s=%s is refused with a reason and a fix", (name, value, reason) => {
  expect(() => readServerSettings({ ...valid, [name]: value })).toThrow(new RegExp(`✖ ${name}: .*${reason}.*\\n {2}Fix: `));
});
