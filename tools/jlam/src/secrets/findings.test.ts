import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { generateMissing, setSecret } from "./change.ts";
import { openedFindings, secretFindings } from "./findings.ts";
import { readSealed, writeSealed } from "./sealed/file.ts";
import { createIdentity, readIdentities } from "./sealed/identity.ts";
import { recipientsFingerprint, writeRecipients } from "./sealed/recipients.ts";
import { seal } from "./sealed/seal.ts";
import { trial, trialValue, type Trial } from "./trial.fixture.ts";

const authority = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----";

async function complete(): Promise<Trial> {
  const place = await trial();
  await generateMissing(place.target());
  await setSecret(place.target(), "one.TOKEN", trialValue);
  await setSecret(place.target(), "postgres-app.certificate-authority", authority);
  return place;
}
const seen = ({ environment, root, now }: Trial, later = now): readonly string[] => secretFindings(environment(), root, later).map(({ rule, subject }) => `${rule}: ${subject}`);
const opened = async ({ environment, root, identity }: Trial): Promise<readonly string[]> => (await openedFindings(environment(), root, readIdentities(identity))).map(({ rule, message }) => `${rule}: ${message}`);

describe("the secrets of an environment", () => {
  test("that has all of them yield no finding, closed or opened", async () => {
    const place = await complete();
    expect([...seen(place), ...(await opened(place))]).toEqual([]);
  });

  test("that nobody has begun yield one warning that says how", async () => {
    const place = await trial();
    writeRecipients(place.root, "trial", []);
    expect(secretFindings(place.environment(), place.root, place.now)).toMatchObject([{ rule: "secrets-not-begun", severity: "warning", fix: expect.stringContaining("jlam secrets recipients") }]);
  });

  test("are missing where they have no value", async () => {
    const place = await complete();
    const { ["one.TOKEN"]: _gone, ...others } = readSealed(place.root, "trial");
    writeSealed(place.root, "trial", others);
    expect(seen(place)).toEqual(["secret-missing: trial one.TOKEN"]);
  });

  test("are unknown where nothing declares them", async () => {
    const place = await complete();
    const known = readSealed(place.root, "trial");
    const entry = known["two.OWN"];
    if (entry) writeSealed(place.root, "trial", { ...known, "two.OLD": entry });
    expect(seen(place)).toEqual(["secret-unknown: trial two.OLD"]);
  });

  test("are overdue after the days that the model allows, and not on the last of them", async () => {
    const place = await complete();
    const after = (days: number): Date => new Date(place.now.getTime() + days * 86_400_000);
    expect(seen(place, after(90))).toEqual([]);
    expect(seen(place, after(91))).toEqual(["secret-overdue: trial one.NEIGHBOUR"]);
  });

  test("are weak where somebody sealed what `set` would have refused", async () => {
    const place = await complete();
    const known = readSealed(place.root, "trial");
    const made = place.now.toISOString();
    const sealed = await seal("welkom01welkom01", { environment: "trial", secret: "one.TOKEN", version: 1, made }, place.recipients.map(({ recipient }) => recipient));
    writeSealed(place.root, "trial", { ...known, "one.TOKEN": { use: 1, versions: [{ version: 1, made, recipients: recipientsFingerprint(place.recipients), sealed }] } });
    expect(await opened(place)).toEqual(['secret-weak: version 1 of "one.TOKEN" begins like a placeholder']);
  });

  test("are noticed when one stands in another's place", async () => {
    const place = await complete();
    const known = readSealed(place.root, "trial");
    const entry = known["one.NEIGHBOUR"];
    if (entry) writeSealed(place.root, "trial", { ...known, "one.KEY": entry });
    expect(await opened(place)).toEqual(['secret-sealed: Version 1 of "one.KEY" is not what was sealed there.']);
  });

  test("have wrong recipients once somebody joined, until they are sealed again", async () => {
    const place = await complete();
    writeRecipients(place.root, "trial", [...place.recipients, { role: "ci", name: "another", recipient: await createIdentity(join(place.root, "another")) }]);
    expect(new Set(seen(place).map((finding) => finding.split(":")[0]))).toEqual(new Set(["secret-recipients"]));
  });

  test("have wrong recipients where a blob was sealed for fewer than it claims", async () => {
    const place = await complete();
    const known = readSealed(place.root, "trial");
    const made = place.now.toISOString();
    const sealed = await seal(trialValue, { environment: "trial", secret: "one.TOKEN", version: 1, made }, place.recipients.slice(0, 1).map(({ recipient }) => recipient));
    writeSealed(place.root, "trial", { ...known, "one.TOKEN": { use: 1, versions: [{ version: 1, made, recipients: recipientsFingerprint(place.recipients), sealed }] } });
    expect(seen(place)).toEqual(["secret-recipients: trial one.TOKEN"]);
  });
});

describe("an identity", () => {
  const folder = (): string => {
    const path = mkdtempSync(join(tmpdir(), "jlam-identity-"));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return path;
  };

  test("that others may read is refused", async () => {
    const path = join(folder(), "identity");
    await createIdentity(path);
    chmodSync(path, 0o640);
    expect(() => readIdentities(path)).toThrow("Others may read the identity.");
  });

  test("is never written over another", async () => {
    const path = join(folder(), "identity");
    await createIdentity(path);
    await expect(createIdentity(path)).rejects.toThrow("it may be somebody's only key");
  });
});
