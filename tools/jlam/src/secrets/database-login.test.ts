import { readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { managedDatabase } from "../databases/managed.ts";
import { rolePasswords } from "../databases/role-passwords.ts";
import { addVersion, generateMissing, setSecret, useVersion } from "./change.ts";
import { prepareLogin } from "./database-login.ts";
import { trial, type Trial } from "./trial.fixture.ts";

const authority = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----";

async function begun(): Promise<Trial> {
  const place = await trial();
  await generateMissing(place.target());
  await setSecret(place.target(), "postgres-app.certificate-authority", authority);
  return place;
}
const login = (place: Trial) => prepareLogin(place.environment(), managedDatabase(place.environment(), "app", place.root), "monitoring", place.root, place.identity);

test("a login is a file that psql reads and nobody else, and the command line shows no password", async () => {
  const place = await begun();
  const { user, connection, passwordFile } = await login(place);
  const [known] = (await rolePasswords(place.environment(), place.root, managedDatabase(place.environment(), "app", place.root).database, place.identity)).monitoring;
  expect(readFileSync(passwordFile, "utf8")).toBe(`db.example.org:5432:app:${user}:${known?.password}\n`);
  expect(statSync(passwordFile).mode & 0o777).toBe(0o600);
  expect(connection).toContain("user=app_monitoring sslmode=verify-full");
  expect(connection).not.toContain(known?.password);
});

test("the server's authority lies beside it, for the connection to be verified", async () => {
  const { connection } = await login(await begun());
  expect(readFileSync(/sslrootcert=(\S+)/.exec(connection)?.[1] ?? "", "utf8")).toBe(authority);
});

test("during a rotation it is the login of the version in use", async () => {
  const place = await begun();
  await addVersion(place.target(), "postgres-app.monitoring", undefined);
  expect((await login(place)).user).toBe("app_monitoring");
  useVersion(place.target(), "postgres-app.monitoring", 2);
  expect((await login(place)).user).toBe("app_monitoring_2");
});
