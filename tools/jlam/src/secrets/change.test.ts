import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { addVersion, generateMissing, removeSecret, sealAgain, setSecret, useVersion } from "./change.ts";
import { readSealed, sealedPath, writeSealed } from "./sealed/file.ts";
import { createIdentity, readIdentities } from "./sealed/identity.ts";
import { writeRecipients } from "./sealed/recipients.ts";
import { trial, trialValue, type Trial } from "./trial.fixture.ts";
import { keptValues } from "./values.ts";

const text = ({ root }: Trial): string => readFileSync(sealedPath(root, "trial"), "utf8");
const values = (place: Trial): Promise<ReadonlyMap<string, string>> => keptValues(place.environment(), { root: place.root, identity: place.identity });

describe("setting a secret", () => {
  test("keeps it so that a recipient reads it back, and the file shows nothing of it", async () => {
    const place = await trial();
    await setSecret(place.target(), "one.TOKEN", trialValue);
    expect((await values(place)).get("one.TOKEN")).toBe(trialValue);
    expect(text(place)).not.toContain(trialValue);
  });

  test("leaves a file for its owner alone", async () => {
    const place = await trial();
    await setSecret(place.target(), "one.TOKEN", trialValue);
    expect(statSync(sealedPath(place.root, "trial")).mode & 0o777).toBe(0o600);
  });

  test("changes nothing in a dry run", async () => {
    const place = await trial();
    expect(await setSecret(place.target({ dryRun: true }), "one.TOKEN", trialValue)).toEqual({ id: "one.TOKEN", what: "set", version: 1 });
    expect(readSealed(place.root, "trial")).toEqual({});
  });

  test.each([
    ["too short", "short", "has 5 characters"],
    ["monotonous", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "could be guessed"],
    ["a placeholder", "changeme-4711-hF3kd93jKs0", "begins like a placeholder"],
    ["with a line's end", "hF3kd93jKs0hF3kd93jKs0x\n\n", "a line's end"],
  ])("refuses one that is %s, and doesn't repeat it", async (_what, value, why) => {
    const refused = setSecret((await trial()).target(), "one.TOKEN", value);
    await expect(refused).rejects.toThrow(why);
    await expect(refused).rejects.not.toThrow(value);
  });

  test("refuses a secret that nothing declares, with the nearest that is", async () => {
    await expect(setSecret((await trial()).target(), "one.TOKAN", trialValue)).rejects.toMatchObject({ fix: 'Did you mean "one.TOKEN"?' });
  });

  test("refuses a database's password that is in use: its server knows the old one", async () => {
    const place = await trial();
    await generateMissing(place.target(), "postgres-app.owner");
    await expect(setSecret(place.target(), "postgres-app.owner", `${trialValue}-and-longer`)).rejects.toMatchObject({ fix: "jlam secrets rotate trial postgres-app.owner" });
  });

  test("refuses while somebody is missing who must be able to open it", async () => {
    const place = await trial();
    writeRecipients(place.root, "trial", place.recipients.filter(({ role }) => role !== "recovery"));
    await expect(setSecret(place.target(), "one.TOKEN", trialValue)).rejects.toThrow('no recipient of the role "recovery"');
  });
});

describe("making what is missing", () => {
  test("makes every value that is ours to make, of a managed database's logins too, and leaves the others", async () => {
    const place = await trial();
    const made = await generateMissing(place.target());
    expect(made.map(({ id }) => id).sort()).toEqual(["one.KEY", "one.NEIGHBOUR", "postgres-app.application", "postgres-app.backup", "postgres-app.monitoring", "postgres-app.owner", "two.OWN"]);
    expect(await generateMissing(place.target())).toEqual([]);
  });

  test("makes the length that the model declares", async () => {
    const place = await trial();
    await generateMissing(place.target());
    expect([(await values(place)).get("one.KEY")?.length, (await values(place)).get("two.OWN")?.length]).toEqual([44, 23]);
  });

  test("never replaces a value that is there", async () => {
    const place = await trial();
    await generateMissing(place.target(), "one.KEY");
    await expect(generateMissing(place.target(), "one.KEY")).rejects.toThrow('"one.KEY" has a value');
  });
});

test("a secret that is declared can't be removed, one that isn't can", async () => {
  const place = await trial();
  await setSecret(place.target(), "one.TOKEN", trialValue);
  expect(() => removeSecret(place.target(), "one.TOKEN")).toThrow('"one.TOKEN" is needed by one');
  const { ["one.TOKEN"]: entry } = readSealed(place.root, "trial");
  if (entry) writeSealed(place.root, "trial", { "one.GONE": entry });
  expect(removeSecret(place.target(), "one.GONE")).toMatchObject({ what: "removed" });
  expect(readSealed(place.root, "trial")).toEqual({});
});

test("sealing again lets a new recipient in, and leaves what is sealed for all already as it is", async () => {
  const place = await trial();
  await generateMissing(place.target(), "one.KEY");
  const before = text(place);
  expect(await sealAgain(place.target(), readIdentities(place.identity))).toEqual([]);
  expect(text(place)).toBe(before);
  const newcomer = join(place.root, "newcomer");
  writeRecipients(place.root, "trial", [...place.recipients, { role: "administrator", name: "a newcomer", recipient: await createIdentity(newcomer) }]);
  expect(await sealAgain(place.target(), readIdentities(place.identity))).toEqual([{ id: "one.KEY", what: "sealed", version: 1 }]);
  expect(await keptValues(place.environment(), { root: place.root, identity: newcomer })).toEqual(await values(place));
});

test("the login of a database follows the version that is in use", async () => {
  const place = await trial();
  const user = (): string | undefined => place.environment().providers.get("postgres-app")?.binding.user("application");
  await generateMissing(place.target());
  expect(user()).toBe("app_application");
  await addVersion(place.target(), "postgres-app.application", undefined);
  expect(user()).toBe("app_application");
  useVersion(place.target(), "postgres-app.application", 2);
  expect(user()).toBe("app_application_2");
});

test("two people who change neighbouring secrets merge without a conflict, and both values are there", async () => {
  const place = await trial();
  await generateMissing(place.target());
  const base = text(place);
  const branch = async (id: string): Promise<string> => {
    writeFileSync(sealedPath(place.root, "trial"), base);
    await addVersion(place.target(), id, undefined);
    useVersion(place.target(), id, 2);
    return text(place);
  };
  const [ours, theirs] = [await branch("one.KEY"), await branch("one.NEIGHBOUR")];
  const files = { ours: join(place.root, "ours"), base: join(place.root, "base"), theirs: join(place.root, "theirs") };
  for (const [name, content] of Object.entries({ ours, base, theirs })) writeFileSync(join(place.root, name), content);
  // git's own merge; it exits with the number of conflicts.
  writeFileSync(sealedPath(place.root, "trial"), execFileSync("git", ["merge-file", "-p", files.ours, files.base, files.theirs], { encoding: "utf8" }));
  const merged = readSealed(place.root, "trial");
  expect([merged["one.KEY"]?.use, merged["one.NEIGHBOUR"]?.use]).toEqual([2, 2]);
  expect((await values(place)).size).toBe(7);
});
