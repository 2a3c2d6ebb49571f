import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { describe, expect, test } from "vitest";
import { recipientCount, seal, unseal, type Place } from "./seal.ts";

const place: Place = { environment: "production", secret: "web.SESSION_KEY", version: 2, made: "2026-11-22T08:00:00.000Z" };
const value = "the-value-that-nobody-may-see";
const [identity, other] = [await generateX25519Identity(), await generateX25519Identity()];
const blob = await seal(value, place, [await identityToRecipient(identity), await identityToRecipient(other)]);

/** Everything that a thrown error tells. */
const told = async (work: Promise<unknown>): Promise<string> => work.then(() => "nothing was thrown", (error: unknown) => JSON.stringify(error, Object.getOwnPropertyNames(error)));

describe("a sealed value", () => {
  test.each([["the first", identity], ["the second", other]])("is opened by %s recipient", async (_which, key) => {
    expect(await unseal(blob, place, [key], "file")).toBe(value);
  });

  test("is opened by nobody else", async () => {
    await expect(unseal(blob, place, [await generateX25519Identity()], "file")).rejects.toThrow('Version 2 of "web.SESSION_KEY" can\'t be opened.');
  });

  test.each([
    ["environment", { environment: "staging" }],
    ["secret", { secret: "web.ACCESS_LOG_KEY" }],
    ["version", { version: 1 }],
    ["made", { made: "2027-11-22T08:00:00.000Z" }],
  ])("is refused where it stands for another %s", async (field, elsewhere) => {
    const message = await told(unseal(blob, { ...place, ...elsewhere }, [identity], "file"));
    expect(message).toContain("is not what was sealed there");
    expect(message).toContain(`sealed as ${field}`);
  });

  test("is refused with one character changed", async () => {
    const lines = blob.split("\n");
    const at = lines.length - 4;
    const line = lines[at] ?? "";
    lines[at] = `${line.startsWith("A") ? "B" : "A"}${line.slice(1)}`;
    expect(await told(unseal(lines.join("\n"), place, [identity], "file"))).toContain("can't be opened");
  });

  test("shows nothing of itself in a refusal", async () => {
    expect(await told(unseal(blob, { ...place, secret: "x" }, [identity], "file"))).not.toContain(value);
  });

  test("says for how many it was sealed", () => {
    expect(recipientCount(blob)).toBe(2);
    expect(recipientCount("no age file")).toBeUndefined();
  });
});
