import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { makeTrial } from "../runtime/trial.fixture.ts";
import { diagnose } from "./doctor.ts";

const trial = makeTrial();
afterAll(() => rmSync(trial.root, { recursive: true }));

const findingsOf = async (check: string) => (await diagnose(trial.environment, trial.root)).findings.filter((finding) => finding.check === check);

describe("jlam doctor", () => {
  const Diagnosis = z.object({ environment: z.literal("ci"), fit: z.boolean(), findings: z.array(z.object({ check: z.string(), state: z.string(), what: z.string().min(1), fix: z.string().optional() })) });

  const doctor = async (env: Readonly<Record<string, string>>) => {
    const { stdout, exitCode } = await execa(process.execPath, [join(import.meta.dirname, "../main.ts"), "doctor", "ci", "--json"], { reject: false, timeout: 60_000, env });
    const diagnosis = Diagnosis.parse(JSON.parse(stdout));
    return { exitCode, fit: diagnosis.fit, states: Object.fromEntries(diagnosis.findings.map(({ check, state }) => [check, state])), findings: diagnosis.findings };
  };

  test("finds the engine good that these tests run on, and exits with 1 only where something is a problem", async () => {
    const { exitCode, fit, states, findings } = await doctor({});
    expect(states).toMatchObject({ engine: "ok", compose: "ok", buildx: "ok", node: "ok", processors: "ok" });
    expect(fit).toBe(!findings.some(({ state }) => state === "problem"));
    expect(exitCode).toBe(fit ? 0 : 1);
  });

  test("tells what is the matter where no engine answers, and what it could not look at", async () => {
    const { exitCode, fit, states, findings } = await doctor({ DOCKER_HOST: "unix:///nowhere/docker.sock" });
    expect({ exitCode, fit }).toEqual({ exitCode: 1, fit: false });
    expect(states).toMatchObject({ engine: "problem", disk: "not-checked", memory: "not-checked", leftovers: "not-checked" });
    expect(findings.find(({ check }) => check === "engine")?.fix).toBeTruthy();
  });
});

describe("diagnose", () => {
  test("names the program that holds a port which the environment publishes", async () => {
    expect(await findingsOf("ports")).toMatchObject([{ state: "ok" }]);
    const server = createServer().listen(trial.ports.https, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    expect(await findingsOf("ports")).toMatchObject([{ state: "problem", what: `${trial.ports.https} is taken by node (process ${process.pid})` }]);
  });

  test("names a container that a test left behind, with the command that removes it", async () => {
    const name = `jlam-left-behind-${process.pid}`;
    const image = `jlam-trial/left-behind:${process.pid}`;
    // Two blocks of zeroes end a tar archive (POSIX, pax), so this is an image without a single file.
    await execa("docker", ["import", "-", image], { input: new Uint8Array(1_024) });
    onTestFinished(async () => {
      await execa("docker", ["rm", "--force", "--volumes", name]);
      await execa("docker", ["image", "rm", image]);
    });
    await execa("docker", ["create", "--name", name, "--label", "nl.jlam.test=doctor", image, "nothing"]);
    const [finding] = await findingsOf("leftovers");
    expect(finding?.state).toBe("warning");
    expect(finding?.fix).toMatch(new RegExp(`docker rm --force --volumes .*${name}`));
  });
});
