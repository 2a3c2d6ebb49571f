import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { generateMissing, setSecret } from "./change.ts";
import { materialise, placeVersion, rollBackSecrets, type MaterialisedSecrets } from "./materialise.ts";
import { trial, trialValue, type Trial } from "./trial.fixture.ts";

const authority = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----";

async function complete(): Promise<Trial> {
  const place = await trial();
  await generateMissing(place.target());
  await setSecret(place.target(), "one.TOKEN", trialValue);
  await setSecret(place.target(), "postgres-app.certificate-authority", authority);
  return place;
}
const into = ({ root }: Trial): string => join(root, "run", "secrets");
const write = async (place: Trial): Promise<MaterialisedSecrets> => {
  mkdirSync(join(place.root, "run"), { recursive: true });
  return materialise(place.environment(), { root: place.root, identity: place.identity }, into(place));
};
const token = (place: Trial): string => readFileSync(join(into(place), "current", "one", "TOKEN"), "utf8");

describe("secrets on a host", () => {
  test("are one file for the one consumer that declared them, in folders that only root enters", async () => {
    const place = await complete();
    const { current } = await write(place);
    expect([readdirSync(join(current, "one")).sort(), readdirSync(join(current, "two"))]).toEqual([["DATABASE_CA", "DATABASE_PASSWORD", "KEY", "NEIGHBOUR", "TOKEN"], ["OWN"]]);
    expect([into(place), join(into(place), "1"), join(current, "one"), join(current, "one", "TOKEN")].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700, 0o700, 0o444]);
  });

  test("make no second version of the same values", async () => {
    const place = await complete();
    expect(await write(place)).toMatchObject({ version: 1, previous: undefined, changed: ["one", "two"] });
    expect(await write(place)).toMatchObject({ version: 1, changed: [] });
  });

  test("name the services that a change is for, and keep the version before it", async () => {
    const place = await complete();
    await write(place);
    await setSecret(place.target(), "one.TOKEN", `${trialValue}-next`);
    expect(await write(place)).toMatchObject({ version: 2, previous: 1, changed: ["one"] });
    expect(token(place)).toBe(`${trialValue}-next`);
  });

  test("go back by one step, and a container of the old release finds its own files at any time", async () => {
    const place = await complete();
    const first = await write(place);
    await setSecret(place.target(), "one.TOKEN", `${trialValue}-next`);
    await write(place);
    expect(readFileSync(join(first.folder, "one", "TOKEN"), "utf8")).toBe(trialValue);
    expect(rollBackSecrets(into(place))).toMatchObject({ version: 1, changed: ["one"] });
    expect(token(place)).toBe(trialValue);
  });

  test("are forgotten once a second change has followed", async () => {
    const place = await complete();
    for (const suffix of ["-a", "-b", "-c"]) {
      await setSecret(place.target(), "one.TOKEN", `${trialValue}${suffix}`);
      await write(place);
    }
    expect(readdirSync(into(place)).sort()).toEqual(["2", "3", "current"]);
  });

  test("of a run that was killed half-way are never in use, and are removed by the next", async () => {
    const place = await complete();
    await write(place);
    mkdirSync(join(into(place), ".unfinished-x", "one"), { recursive: true });
    writeFileSync(join(into(place), ".unfinished-x", "one", "TOKEN"), "half");
    expect(token(place)).toBe(trialValue);
    await write(place);
    expect(readdirSync(into(place)).sort()).toEqual(["1", "current"]);
  });

  test("are not written at all where one is missing", async () => {
    const place = await trial();
    await generateMissing(place.target());
    await expect(write(place)).rejects.toThrow("have no value");
    expect(lstatSync(into(place), { throwIfNoEntry: false })).toBeUndefined();
  });

  test("can't go back where there is nothing to go back to", async () => {
    const place = await complete();
    placeVersion(new Map([["one", new Map([["A", "x"]])]]), join(place.root, "lone"));
    expect(() => rollBackSecrets(join(place.root, "lone"))).toThrow("no earlier secrets");
  });
});
