import { describe, expect, it } from "vitest";
import { atVersions, image, resolveEnvironment, service, stack, type Versions } from "../index.ts";
import { basis, place } from "../testing/platform.fixture.ts";

const versions: Versions = { image: "clock", supported: ["1", "2"], make: (version) => (["1", "2"].includes(version) ? clock(version) : undefined) };
const clock = (version: string) =>
  stack("clock", { services: [service("clock", { ...basis, image: image("clock", `example.org/clock:${version}`), settings: { MADE_FOR: version } })] }, { versions });

const environment = place({ services: [service("web", { ...basis })], more: [clock("1")] });
const madeFor = (asked: Readonly<Record<string, string>>) =>
  resolveEnvironment(atVersions(environment, new Map(Object.entries(asked)))).services.get("clock")?.environment.get("MADE_FOR")?.value;

describe("an environment at another version of an image", () => {
  it("has the stack as it is made for that version", () => {
    expect(madeFor({ clock: "2" })).toBe("2");
  });

  it("keeps a stack that can't be made for the version", () => {
    expect(madeFor({ clock: "3" })).toBe("1");
  });

  it("keeps a stack whose image nobody asked about", () => {
    expect(madeFor({ web: "2" })).toBe("1");
  });
});
