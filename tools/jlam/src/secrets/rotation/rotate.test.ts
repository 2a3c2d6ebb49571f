import { describe, expect, test } from "vitest";
import { generateMissing, setSecret } from "../change.ts";
import { readSealed } from "../sealed/file.ts";
import { readIdentities } from "../sealed/identity.ts";
import { trial, trialValue, type Trial } from "../trial.fixture.ts";
import { keptValues } from "../values.ts";
import type { StepName } from "./plan.ts";
import { rotate, rotationProgress, takeBack, type RotateOptions, type RotationProgress } from "./rotate.ts";

const noServer = async (): Promise<never> => {
  throw new RangeError("no database is part of this");
};
async function begun(): Promise<Trial> {
  const place = await trial();
  await generateMissing(place.target());
  await setSecret(place.target(), "one.TOKEN", trialValue);
  return place;
}
const goOn = (place: Trial, id: string, options: Partial<RotateOptions> = {}): Promise<RotationProgress> =>
  rotate(place.target(), id, { value: undefined, done: undefined, identities: () => readIdentities(place.identity), server: noServer, ...options });
const valueOf = async (place: Trial, id: string): Promise<string | undefined> => (await keptValues(place.environment(), { root: place.root, identity: place.identity })).get(id);
const versions = ({ root }: Trial, id: string): readonly number[] => readSealed(root, "trial")[id]?.versions.map(({ version }) => version) ?? [];

describe("a rotation", () => {
  test.each([
    ["one.KEY", ["add jlam", "switch jlam", "deploy person", "verify person", "revoke jlam"]],
    ["one.TOKEN", ["add jlam", "switch jlam", "deploy person", "verify person", "revoke person"]],
    ["postgres-app.owner", ["add jlam", "open jlam", "switch jlam", "deploy person", "verify jlam", "revoke jlam"]],
  ])("of %s is planned by its kind", async (id, steps) => {
    const place = await begun();
    expect(rotationProgress(place.target(), id).steps.map(({ name, by }) => `${name} ${by}`)).toEqual(steps);
    expect(versions(place, id)).toEqual([1]);
  });

  test("keeps the old value until it is revoked", async () => {
    const place = await begun();
    const before = await valueOf(place, "one.KEY");
    await goOn(place, "one.KEY");
    expect(await valueOf(place, "one.KEY")).not.toBe(before);
    expect(versions(place, "one.KEY")).toEqual([1, 2]);
    await goOn(place, "one.KEY", { done: "deploy" });
    await goOn(place, "one.KEY", { done: "verify" });
    expect(versions(place, "one.KEY")).toEqual([2]);
  });

  test("of what others issue takes their next value, and waits until they revoked the old one", async () => {
    const place = await begun();
    await goOn(place, "one.TOKEN", { value: `${trialValue}-next` });
    expect(await valueOf(place, "one.TOKEN")).toBe(`${trialValue}-next`);
    await goOn(place, "one.TOKEN", { done: "deploy" });
    expect((await goOn(place, "one.TOKEN", { done: "verify" })).waitsFor?.name).toBe("revoke");
    expect(versions(place, "one.TOKEN")).toEqual([1, 2]);
    expect((await goOn(place, "one.TOKEN", { done: "revoke" })).waitsFor).toBeUndefined();
    expect(versions(place, "one.TOKEN")).toEqual([2]);
  });

  test.each<StepName>(["verify", "revoke", "add"])("doesn't believe that %s is done before its turn", async (done) => {
    const place = await begun();
    await goOn(place, "one.KEY");
    await expect(goOn(place, "one.KEY", { done })).rejects.toThrow(`doesn't wait for "${done}"`);
  });

  test("that waits, waits again when it is asked again", async () => {
    const place = await begun();
    const first = await goOn(place, "one.KEY");
    expect((await goOn(place, "one.KEY")).rotation).toEqual(first.rotation);
    expect(versions(place, "one.KEY")).toEqual([1, 2]);
  });

  test("that was deployed is taken back by a deploy, and only then is the new value gone", async () => {
    const place = await begun();
    const before = await valueOf(place, "one.KEY");
    await goOn(place, "one.KEY");
    await goOn(place, "one.KEY", { done: "deploy" });
    expect((await takeBack(place.target(), "one.KEY", { done: undefined, server: noServer })).state).toBe("returning");
    expect([await valueOf(place, "one.KEY"), versions(place, "one.KEY")]).toEqual([before, [1, 2]]);
    await expect(goOn(place, "one.KEY")).rejects.toThrow("is being taken back");
    expect((await takeBack(place.target(), "one.KEY", { done: "deploy", server: noServer })).state).toBe("taken-back");
    expect(versions(place, "one.KEY")).toEqual([1]);
  });

  test("keeps a person from setting the value meanwhile", async () => {
    const place = await begun();
    await goOn(place, "one.TOKEN", { value: `${trialValue}-next` });
    await expect(setSecret(place.target(), "one.TOKEN", `${trialValue}-other`)).rejects.toThrow("is being rotated");
  });
});
