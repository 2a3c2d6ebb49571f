import { image } from "@jlam/compose-dsl";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { provideImages } from "../images/provide.ts";
import { wantedImage } from "../images/wanted.ts";
import { generatedDirectory, versionedDirectory } from "../synth/platform.ts";
import { listContainers } from "./containers.ts";
import { logLines } from "./logs.ts";
import { status } from "./status.ts";
import { makeTrial } from "./trial.fixture.ts";
import { up } from "./up.ts";

/** A stack that has another file, and one service more, from version 2.0 on; beside it one that has no versions. */
const declaration = (name: string) => `
import { environment, exec, generated, image, localAuthority, replaceableImages, service, stack, text } from "@jlam/compose-dsl";

const basis = { owner: "tests", user: "999:999", command: ["sleep", "infinity"], health: exec(["true"]), resources: { memory: "64M", cpus: 0.5 }, stopGrace: "1s" };
const versions = { image: "clock", supported: ["1", "2"], make: (version) => (/^[12]\\.\\d$/.test(version) ? clock(version) : undefined) };
const clock = (version) => {
  // A registry that nobody runs: only a given image can be had.
  const program = image("clock", "localhost:9/clock:" + version, { registryOnly: true });
  const face = service("clock", { ...basis, image: program, mounts: { "/etc/clock": text("made for " + version) }, secrets: { KEY: generated({ bytes: 16 }) } });
  return stack("clock", { services: version.startsWith("2") ? [face, service("pendulum", { ...basis, image: program })] : [face] }, { versions });
};

export default environment(${JSON.stringify(name)}, {
  domain: "jlam.localhost",
  host: { memory: "8G", cpus: 2 },
  range: "10.224.0.0/12",
  publishing: { address: "127.0.0.1", http: 12080, https: 12443 },
  stacks: [clock("1.0"), stack("steady", { services: [service("steady", { ...basis, image: image("postgres", "docker.io/library/postgres:17.7") })] })],
  provides: [],
  certificates: localAuthority(),
  images: replaceableImages,
});
`;

const trial = makeTrial(declaration);
const { root, environment } = trial;
const given = `jlam-trial-${process.pid}/clock:2.0`;

async function boot(clock?: string) {
  if (clock !== undefined) process.env["JLAM_IMAGE_CLOCK"] = clock;
  return await up({ environment, root, checkTypes: false }).finally(() => delete process.env["JLAM_IMAGE_CLOCK"]);
}

const inside = async (service: string, ...command: readonly string[]): Promise<string> => {
  const container = (await listContainers(`jlam-${environment}`)).find((candidate) => candidate.service === service);
  return (await execa("docker", ["exec", container?.id ?? "", ...command])).stdout;
};

beforeAll(async () => {
  const { images } = await provideImages([wantedImage(image("postgres", "docker.io/library/postgres:17.7"))], { root, policy: "auto", report: () => undefined });
  await execa("docker", ["tag", images[0]?.reference ?? "", given]);
});

afterAll(async () => {
  await trial.remove();
  await execa("docker", ["image", "rm", given], { reject: false });
});

describe("an environment with a given image of another version", () => {
  beforeEach(async () => {
    await boot(given);
  });

  test("runs from files that were made for that version, beside the committed ones, with the same secrets", async () => {
    const { versions, directory, changed } = await boot(given);
    expect(changed).toEqual([]);
    expect(directory).toBe(versionedDirectory(environment, root));
    expect(versions).toEqual([{ image: "clock", variable: "JLAM_IMAGE_CLOCK", reference: given, version: "2.0", declared: "1.0" }]);
    expect(await inside("clock", "cat", "/etc/clock")).toBe("made for 2.0");
    expect(await inside("clock", "cat", "/run/secrets/KEY")).toMatch(/^s\S{20,}$/);
  });

  test("is looked at as it runs, by whoever doesn't give the image", async () => {
    const { services } = await status(environment, root);
    expect(services.map(({ service, health }) => [service, health])).toEqual([["clock", "healthy"], ["pendulum", "healthy"], ["steady", "healthy"]]);
    expect(await logLines({ environment, services: ["pendulum"], follow: false, root }).next()).toEqual({ done: true, value: undefined });
  });

  test("runs what is declared again once the image isn't given any more", async () => {
    const { leftOut, versions, directory } = await boot();
    expect({ versions, directory }).toEqual({ versions: [], directory: generatedDirectory(environment, root) });
    expect(leftOut).toEqual([expect.objectContaining({ service: "clock" })]);
    expect((await listContainers(`jlam-${environment}`)).map(({ service }) => service)).toEqual(["steady"]);
    expect((await status(environment, root)).services.map(({ service }) => service)).toEqual(["clock", "steady"]);
  });
});
