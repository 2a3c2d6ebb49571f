import { describe, expect, test } from "vitest";
import { isOlder, missingParts, type EngineFacts } from "./engine.ts";

const complete: EngineFacts = {
  host: "unix:///var/run/docker.sock",
  client: "28.2.2",
  server: "26.1.5",
  compose: "2.26.1-4",
  buildx: "0.13.1",
  refusal: undefined,
};

describe("missingParts", () => {
  test("finds nothing missing in what Debian 13 packages", () => {
    expect(missingParts(complete)).toEqual([]);
  });

  test("counts a Compose that is too old as missing", () => {
    expect(missingParts({ ...complete, compose: "2.25.9" })).toEqual(["compose"]);
  });

  test("names all that a machine with a client alone lacks", () => {
    const bare = { ...complete, server: undefined, compose: undefined, buildx: undefined };
    expect(missingParts(bare)).toEqual(["server", "compose", "buildx"]);
  });
});

describe("isOlder", () => {
  test.each([
    ["2.25.0", "2.26.0", true],
    ["2.26.0", "2.26.0", false],
    ["2.26.1-4", "2.26.0", false],
    ["5.6.1", "2.26.0", false],
    ["2.9.0", "2.26.0", true],
    ["v2.30", "2.26.0", false],
  ])("%s against %s: %s", (version, than, older) => {
    expect(isOlder(version, than)).toBe(older);
  });
});
