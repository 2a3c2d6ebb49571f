import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { readSettings } from "./settings.ts";

const folder = mkdtempSync(join(tmpdir(), "jlam-stand-in-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "client"), "secret-for-this-test\n");
writeFileSync(join(folder, "password"), "only-for-this-test\n");
writeFileSync(join(folder, "short"), "1234\n");

const valid: NodeJS.ProcessEnv = {
  ENVIRONMENT: "local",
  HTTP_PORT: "9000",
  OIDC_ISSUER: "https://auth.jlam.localhost/application/o/web/",
  OIDC_CLIENT_ID: "web",
  OIDC_CLIENT_SECRET_FILE: join(folder, "client"),
  OIDC_CALLBACK_URL: "https://jlam.localhost/auth/callback",
  DEMO_PASSWORD_FILE: join(folder, "password"),
};

test("what must be set is enough, and secrets come from their files", () => {
  const settings = readSettings(valid);
  expect(settings.client.secret).toBe("secret-for-this-test");
  expect(settings.password).toBe("only-for-this-test");
  expect(settings.protectedHosts).toEqual({});
});

test("hosts behind the wall are taken apart", () => {
  expect(readSettings({ ...valid, PROTECTED_HOSTS: '{"monitor.jlam.localhost:10443":["operators"]}' }).protectedHosts).toEqual({
    "monitor.jlam.localhost:10443": ["operators"],
  });
});

test.each(["staging", "production", "test", ""])("it does not start where ENVIRONMENT is %j", (name) => {
  expect(() => readSettings({ ...valid, ENVIRONMENT: name })).toThrow("✖ ENVIRONMENT: ");
});

test.each([
  ["OIDC_ISSUER", "https://auth.jlam.localhost/", "must end in /application/o/<slug>/"],
  ["OIDC_ISSUER", "http://auth.jlam.localhost/application/o/web/", "must be a URL that begins with https"],
  ["PROTECTED_HOSTS", "monitor", "is no JSON"],
  ["PROTECTED_HOSTS", '{"monitor.jlam.localhost":[]}', "must name a group for each host"],
  ["DEMO_PASSWORD_FILE", join(folder, "short"), "has fewer than 12 characters"],
  ["DEMO_PASSWORD_FILE", join(folder, "missing"), "can't be read"],
])("%s=%s is refused with a reason", (name, value, reason) => {
  expect(() => readSettings({ ...valid, [name]: value })).toThrow(new RegExp(`✖ ${name}: .*${reason}`));
});
