import { describe, expect, test } from "vitest";
import { parseCopies, parseFacts } from "./facts.ts";

const container = ["container", "web-green", "running", "healthy", "0", "false", "2", "registry/web:release@sha256:00", "jlam-x-traefik--web=10.0.0.3 jlam-x-web--outside= "].join("\t");
const text = ["clock\t1700000000", "architecture\tx86_64", "free\t1000", "engine-free\t2000", "release\tabc-1", "colour\tgreen\tabc-1", "colour\tmauve\tabc-1", "definition\ttraefik\tf00", "file\t99\tfiles/traefik/web.yaml", container, ""].join("\n");

describe("parseFacts", () => {
  test("reads what host.sh tells", () => {
    const { copies, ...facts } = parseFacts(text);
    expect(facts).toEqual({
      clock: 1_700_000_000,
      free: { releases: 1000, images: 2000 },
      architecture: "x86_64",
      releases: new Set(["abc-1"]),
      colours: { green: "abc-1" },
      definitions: new Map([["traefik", "f00"]]),
      files: new Map([["files/traefik/web.yaml", "99"]]),
    });
    expect(copies).toEqual(parseCopies(text));
  });

  test("fails where the host told nothing, rather than taking nothing for an empty host", () => {
    expect(() => parseFacts("")).toThrow("told nothing of its clock");
  });
});

test("parseCopies knows each copy's state, and its addresses on the networks that it is on", () => {
  expect(parseCopies(text)).toEqual([
    { name: "web-green", status: "running", health: "healthy", exitCode: 0, outOfMemory: false, restarts: 2, image: "registry/web:release@sha256:00", addresses: { "jlam-x-traefik--web": "10.0.0.3" } },
  ]);
});
