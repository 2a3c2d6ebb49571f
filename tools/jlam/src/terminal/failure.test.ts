import { describe, expect, test } from "vitest";
import { describeFailure, fixOfName, PersonError, usageError } from "./failure.ts";

describe("describeFailure", () => {
  test("says what, where, why and the fix, each on lines of its own", () => {
    const error = new PersonError("The port is taken.", {
      where: "apps/web/stack.ts:12",
      why: "Another service has it.\nIt was first.",
      fix: "Choose another one.",
    });
    expect(describeFailure(error)).toBe(
      ["✖ The port is taken.", "  → apps/web/stack.ts:12", "  Another service has it.", "  It was first.", "  Choose another one."].join("\n"),
    );
  });

  test("leaves out what isn't known", () => {
    expect(describeFailure(new PersonError("It failed."))).toBe("✖ It failed.");
  });
});

describe("fixOfName", () => {
  const names = ["images", "status", "up"];

  test("asks whether the nearest name was meant", () => {
    expect(fixOfName("imges", names)).toBe('Did you mean "images"?');
  });

  test("lists the names where none is near", () => {
    expect(fixOfName("deploy", names)).toBe("There are: images, status, up.");
  });
});

test("usageError turns commander's message into a sentence and its suggestion into the fix", () => {
  const error = usageError("error: unknown option '--jsn'\n(Did you mean --json?)");
  expect(error).toMatchObject({ message: "Unknown option '--jsn'", fix: "Did you mean --json?", exitCode: 2 });
});
