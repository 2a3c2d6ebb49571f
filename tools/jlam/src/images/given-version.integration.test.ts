import { environment, exec, image, localAuthority, replaceableImages, resolveEnvironment, service, stack, type Versions } from "@jlam/compose-dsl";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { givenVersions } from "./given-version.ts";

const versions: Versions = { image: "clock", supported: ["1", "2"], make: (version) => (["1", "2"].includes(version) ? clock(version) : undefined) };
const clock = (version: string) =>
  stack(
    "clock",
    { services: [service("clock", { owner: "tests", image: image("clock", `example.org/clock:${version}`), health: exec(["true"]), resources: { memory: "64M", cpus: 0.5 } })] },
    { versions },
  );

const resolved = resolveEnvironment(
  environment("example", {
    domain: "example.localhost",
    host: { memory: "1G", cpus: 1 },
    range: "10.208.0.0/12",
    publishing: { address: "127.0.0.1", http: 8080, https: 8443 },
    stacks: [clock("1")],
    provides: [],
    certificates: localAuthority(),
    images: replaceableImages,
  }),
);
const given = (reference: string | undefined) => givenVersions(resolved, { JLAM_IMAGE_CLOCK: reference });

describe("the version of a given image", () => {
  const tag = (name: string): string => `jlam-trial/clock-${process.pid}:${name}`;

  /** An image without a single file: two blocks of zeroes end a tar archive (POSIX, pax). */
  const makeImage = async (name: string, label: string): Promise<void> =>
    void (await execa("docker", ["import", ...(label === "" ? [] : ["--change", `LABEL org.opencontainers.image.version=${label}`]), "-", tag(name)], { input: new Uint8Array(1_024) }));

  beforeAll(async () => {
    await makeImage("mine", "2");
    await makeImage("unnamed", "");
    await makeImage("older", "0.9");
    await makeImage("2", "22.04");
  });

  afterAll(async () => {
    await execa("docker", ["image", "rm", ...["mine", "unnamed", "older", "2"].map(tag)]);
  });

  test("is the one that its tag names, whatever label it has from its base", async () => {
    expect(await given(tag("2"))).toEqual([{ image: "clock", variable: "JLAM_IMAGE_CLOCK", reference: tag("2"), version: "2", declared: "1" }]);
  });

  test("is the one of its label where the tag names none", async () => {
    expect(await given(tag("mine"))).toMatchObject([{ version: "2" }]);
  });

  test("is nothing to speak of where it is the model's, where none is given, and where the image can't be had", async () => {
    expect([await given("example.org/clock:1"), await given(undefined), await given(""), await given("localhost:9/clock:nowhere")]).toEqual([[], [], [], []]);
  });

  test.each([
    ["older", 'Its tag says "older", its label org.opencontainers.image.version says "0.9"'],
    ["unnamed", "its label org.opencontainers.image.version says nothing"],
  ])("that nothing can be made for is refused, with those that are known: %s", async (name, why) => {
    await expect(given(tag(name))).rejects.toMatchObject({
      message: `JLAM_IMAGE_CLOCK is ${tag(name)}, and nothing here can be made for its version.`,
      why: expect.stringContaining(why),
      fix: "Give an image of 1, or of a version of 1, 2.",
    });
  });
});
