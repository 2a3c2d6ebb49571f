import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listContainers } from "./containers.ts";
import type { LogLine } from "./log-lines.ts";
import { logLines } from "./logs.ts";
import { makeTrial } from "./trial.fixture.ts";
import { up } from "./up.ts";
import { watch } from "./watch.ts";

const declaration = (name: string) => `
import { build, environment, exec, generated, localAuthority, replaceableImages, service, stack } from "@jlam/compose-dsl";
import { node } from "@jlam/platform";

const greeter = service("greeter", {
  owner: "tests",
  image: build("greeter", { folder: "greeter", base: node }),
  user: "1000:1000",
  health: exec(["true"]),
  secrets: { KEY: generated({ bytes: 16 }) },
  resources: { memory: "128M", cpus: 1 },
  stopGrace: "1s",
});

export default environment(${JSON.stringify(name)}, {
  domain: "jlam.localhost",
  host: { memory: "8G", cpus: 2 },
  range: "10.224.0.0/12",
  publishing: { address: "127.0.0.1", http: 12080, https: 12443 },
  stacks: [stack("greetings", { services: [greeter] })],
  provides: [],
  certificates: localAuthority(),
  images: replaceableImages,
});
`;

const dockerfile = `
ARG NODE_IMAGE=node:24-trixie-slim
FROM \${NODE_IMAGE} AS development
WORKDIR /workspace/greeter
COPY greeter .
ENTRYPOINT []
CMD ["node", "--watch-path=/workspace/greeter/src", "src/main.ts"]

FROM \${NODE_IMAGE}
WORKDIR /app
COPY greeter .
ENTRYPOINT []
CMD ["node", "src/main.ts"]
`;

/** Greets twice a second, and is careless with its secret. */
const program = (greeting: string) => `
import { readFileSync } from "node:fs";
const key: string = readFileSync("/run/secrets/KEY", "utf8");
let count = 0;
setInterval(() => console.log("${greeting}", ++count, "with", key), 500);
process.on("SIGTERM", () => process.exit(0));
`;

const trial = makeTrial(declaration);
const { root, environment } = trial;
const source = join(root, "greeter", "src", "main.ts");

/** Enough for a build, or for a restart on a machine that is busy with other tests. */
const limit = 90_000;

const greeter = async () => (await listContainers(`jlam-${environment}`)).find(({ service }) => service === "greeter");

/** What following the logs gives until `isLast`, which ends it. */
async function followUntil(isLast: (line: LogLine) => boolean): Promise<readonly LogLine[]> {
  const end = new AbortController();
  const lines: LogLine[] = [];
  for await (const line of logLines({ environment, services: ["greeter"], follow: true, tail: "0", signal: AbortSignal.any([end.signal, AbortSignal.timeout(limit)]), root })) {
    lines.push(line);
    if (isLast(line)) end.abort();
  }
  return lines;
}

beforeAll(async () => {
  mkdirSync(join(root, "greeter", "src"), { recursive: true });
  writeFileSync(join(root, "greeter", "Dockerfile"), dockerfile);
  writeFileSync(join(root, "greeter", "Dockerfile.dockerignore"), "**\n!greeter\n");
  writeFileSync(source, program("hello"));
  await up({ environment, root, checkTypes: false });
});

afterAll(async () => {
  await trial.remove();
  const { stdout } = await execa("docker", ["image", "ls", "--quiet", "--filter", "reference=jlam/greeter*"]);
  await execa("docker", ["image", "rm", "--force", ...new Set(stdout.split("\n"))], { reject: false });
});

describe("following the logs", () => {
  test("gives lines as they are written, in their order and without secrets, and ends when it is told to", async () => {
    const lines = await followUntil(({ text }) => /^hello \d+[02468] /.test(text));
    const numbers = lines.map(({ text }) => Number(text.split(" ")[1]));
    expect(lines.length).toBeGreaterThan(0);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(lines.map(({ text }) => text.replace(/\d+/, "N")))).toEqual(new Set(["hello N with ‹secret›"]));
  });
});

describe("reading the logs", () => {
  test("is refused from a time that Compose can't read, instead of finding nothing", async () => {
    await expect(logLines({ environment, services: [], follow: false, since: "yesterday", root }).next()).rejects.toMatchObject({ why: expect.stringContaining('"yesterday"') });
  });
});

describe("watching", () => {
  test("runs a program from its source, follows a change, and brings the normal container back", async () => {
    const end = new AbortController();
    const { promise: begun, resolve: begin } = Promise.withResolvers<readonly string[]>();
    const told = new EventTarget();
    const watching = watch({
      environment,
      root,
      signal: end.signal,
      onWatching: begin,
      onLine: ({ text }) => void told.dispatchEvent(new Event(text.split(" ")[0] ?? "")),
    });
    expect(await Promise.race([begun, watching])).toEqual(["greeter"]);
    expect((await greeter())?.labels["nl.jlam.watch"]).toBe("greeter/src");

    const changed = once(told, "goodbye", { signal: AbortSignal.timeout(limit) });
    writeFileSync(source, program("goodbye"));
    await changed;
    end.abort();
    await watching;

    const after = await greeter();
    expect(after?.labels["nl.jlam.watch"]).toBeUndefined();
    expect(after?.health).toBe("healthy");
    expect((await execa("docker", ["exec", after?.id ?? "", "cat", "/app/src/main.ts"])).stdout).toContain("goodbye");
  }, 4 * limit);
});
