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

const web = { id: "web", callbackUrl: "https://jlam.localhost/auth/callback", secretFile: join(folder, "client") };

const valid: NodeJS.ProcessEnv = {
  ENVIRONMENT: "local",
  HTTP_PORT: "9000",
  SIGN_IN_ORIGIN: "https://auth.jlam.localhost",
  CLIENTS: JSON.stringify([web]),
  DEMO_PASSWORD_FILE: join(folder, "password"),
};

test("what must be set is enough, and secrets come from their files", () => {
  const settings = readSettings(valid);
  expect(settings.clients).toEqual([{ id: "web", callbackUrl: web.callbackUrl, secret: "secret-for-this-test", signOutUrl: undefined, accountsToken: undefined }]);
  expect(settings.password).toBe("only-for-this-test");
  expect(settings.protectedHosts).toEqual({});
});

test("a client may be told of sign-outs and erase accounts, and there may be none at all", () => {
  const told = { ...web, signOutUrl: "http://web:3000/auth/backchannel-logout", accountsTokenFile: join(folder, "password") };
  expect(readSettings({ ...valid, CLIENTS: JSON.stringify([told]) }).clients[0]).toMatchObject({ signOutUrl: told.signOutUrl, accountsToken: "only-for-this-test" });
  expect(readSettings({ ...valid, CLIENTS: "[]" }).clients).toEqual([]);
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
  ["SIGN_IN_ORIGIN", "https://auth.jlam.localhost/", "must be an origin"],
  ["SIGN_IN_ORIGIN", "http://auth.jlam.localhost", "must be a URL that begins with https"],
  ["CLIENTS", "web", "is no JSON"],
  ["CLIENTS", JSON.stringify([{ ...web, callbackUrl: "http://jlam.localhost" }]), "0.callbackUrl must be a URL that begins with https"],
  ["CLIENTS", JSON.stringify([web, web]), "must not name a client twice"],
  ["CLIENTS", JSON.stringify([{ ...web, secretFile: join(folder, "missing") }]), "secretFile of web: .* can't be read"],
  ["PROTECTED_HOSTS", "monitor", "is no JSON"],
  ["PROTECTED_HOSTS", '{"monitor.jlam.localhost":[]}', "must name a group for each host"],
  ["DEMO_PASSWORD_FILE", join(folder, "short"), "has fewer than 12 characters"],
  ["DEMO_PASSWORD_FILE", join(folder, "missing"), "can't be read"],
])("%s=%s is refused with a reason", (name, value, reason) => {
  expect(() => readSettings({ ...valid, [name]: value })).toThrow(new RegExp(`✖ ${name}: .*${reason}`));
});
