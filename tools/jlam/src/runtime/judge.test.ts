import { describe, expect, test } from "vitest";
import { containerOf, exampleService } from "./example.fixture.ts";
import { judge } from "./judge.ts";

const began = 1_000_000;
const during = { now: began + 5_000, began, allStarted: false };
const after = { ...during, allStarted: true };

describe("judge", () => {
  test("says what a service without a container waits for", () => {
    expect(judge(exampleService("web"), undefined, ["db"], during)).toEqual({ kind: "waiting", text: "waits for db" });
  });

  test("calls a healthy service ready", () => {
    expect(judge(exampleService("web"), containerOf("web"), [], during).kind).toBe("ready");
  });

  test("calls a job ready only when it ended well", () => {
    const done = containerOf("migrate", { status: "exited", health: undefined });
    expect(judge(exampleService("migrate"), done, [], after).kind).toBe("ready");
    expect(judge(exampleService("migrate"), { ...done, exitCode: 1 }, [], after)).toEqual({ kind: "failed", text: "ended with 1" });
  });

  test("doesn't blame this boot for an end that came before it", () => {
    const old = containerOf("web", { status: "exited", started: began - 60_000, finished: began + 1_000, exitCode: 0 });
    expect(judge(exampleService("web"), old, [], during).kind).toBe("waiting");
    expect(judge(exampleService("web"), old, [], after).kind).toBe("failed");
  });

  test("gives up on a program that ended three times in a row", () => {
    const restarting = containerOf("web", { status: "restarting", exitCode: 2, restarts: 2 });
    expect(judge(exampleService("web"), restarting, [], during).kind).toBe("waiting");
    expect(judge(exampleService("web"), { ...restarting, restarts: 3 }, [], during)).toEqual({ kind: "failed", text: "ended 3 times, last with 2" });
  });

  test("fails a new service that is unhealthy, and gives one that ran before time to recover", () => {
    const unhealthy = containerOf("web", { health: "unhealthy" });
    expect(judge(exampleService("web"), unhealthy, [], during).kind).toBe("failed");
    expect(judge(exampleService("web"), { ...unhealthy, started: began - 60_000 }, [], during).kind).toBe("waiting");
    expect(judge(exampleService("web"), { ...unhealthy, started: began - 60_000 }, [], { ...during, now: began + 21_000 }).kind).toBe("failed");
  });

  test("takes a program without health check for up once it has lived two seconds", () => {
    const running = containerOf("extra", { health: undefined, started: began });
    expect(judge(exampleService("extra"), running, [], { ...after, now: began + 1_999 }).kind).toBe("waiting");
    expect(judge(exampleService("extra"), running, [], { ...after, now: began + 2_000 }).kind).toBe("ready");
  });
});
