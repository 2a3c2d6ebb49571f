import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generateMissing, setSecret } from "../secrets/change.ts";
import { secretPaths } from "../secrets/provide.ts";
import { trial, trialValue, type Trial } from "../secrets/trial.fixture.ts";
import { placeSealedSecrets } from "./sealed-secrets.ts";

/** A repository as a drill brings it back: its secrets encrypted, and no file of them. */
async function broughtBack(): Promise<Trial> {
  const place = await trial();
  await generateMissing(place.target());
  await setSecret(place.target(), "one.TOKEN", trialValue);
  await setSecret(place.target(), "postgres-app.certificate-authority", "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----");
  return place;
}
const identityOf = ({ root }: Trial, role: string): string => readFileSync(join(root, `identity-of-${role}`), "utf8").split("\n")[1] ?? "";
const open = (place: Trial, identity: string | undefined) => placeSealedSecrets({ directory: place.root, environment: "trial", identity, declared: () => Promise.resolve(place.environment()) });
const files = ({ root }: Trial): string => secretPaths(root, "trial").files;

/** Many values are sealed for four recipients each: a second on a quiet machine. */
const limit = 30_000;

test("the recovery identity alone brings every service's secret files back", { timeout: limit }, async () => {
  const place = await broughtBack();
  expect(await open(place, identityOf(place, "recovery"))).toBe(9);
  expect(readFileSync(join(files(place), "one", "TOKEN"), "utf8")).toBe(trialValue);
  expect(existsSync(join(files(place), "two", "OWN"))).toBe(true);
});

test("an identity of nobody's opens nothing, and no file is written", { timeout: limit }, async () => {
  const [place, other] = [await broughtBack(), await trial()];
  await expect(open(place, identityOf(other, "recovery"))).rejects.toThrow("can't be opened");
  expect(existsSync(files(place))).toBe(false);
});

test("a kit without an identity is refused where secrets are encrypted, and will do where none are", { timeout: limit }, async () => {
  await expect(open(await broughtBack(), undefined)).rejects.toThrow("The kit holds no age identity");
  expect(await open(await trial(), undefined)).toBe(0);
});
