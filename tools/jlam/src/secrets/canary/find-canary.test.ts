import { describe, expect, test } from "vitest";
import { findCanary, textPlace } from "./find-canary.ts";

const canary = 'a-canary/that "sings" + 4711';
const inside = (text: string): string => `before ${text} after`;

describe("a canary is found", () => {
  test.each([
    ["plain text", inside(canary)],
    ["JSON", JSON.stringify({ key: canary })],
    ["a URL", `https://example.org/?key=${encodeURIComponent(canary)}`],
    ["hexadecimal", inside(Buffer.from(canary).toString("hex"))],
    ["hexadecimal", inside(Buffer.from(canary).toString("hex").toUpperCase())],
    ["base64", Buffer.from(canary).toString("base64")],
    ["base64", Buffer.from(`x${canary}`).toString("base64")],
    ["base64", Buffer.from(`xy${canary} and more`).toString("base64url")],
    ["base64", Buffer.from(JSON.stringify({ password: "other" }) + canary).toString("base64")],
  ])("as %s in %s", async (as, text) => {
    expect(await findCanary(canary, [textPlace("here", text)])).toEqual([{ place: "here", as }]);
  });

  test("across two parts of one place", async () => {
    const read = () => [Buffer.from(`before ${canary.slice(0, 9)}`), Buffer.from(`${canary.slice(9)} after`)];
    expect(await findCanary(canary, [{ name: "stream", read }])).toEqual([{ place: "stream", as: "plain text" }]);
  });

  test("in every place that has it, and in no other", async () => {
    const places = [textPlace("a", canary), textPlace("b", canary.slice(1)), textPlace("c", inside(canary)), textPlace("d", "")];
    expect((await findCanary(canary, places)).map(({ place }) => place)).toEqual(["a", "c"]);
  });
});

test("a canary that could stand somewhere by chance is refused", async () => {
  await expect(findCanary("short", [])).rejects.toThrow(RangeError);
});
