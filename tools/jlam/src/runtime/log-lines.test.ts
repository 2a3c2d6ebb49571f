import { describe, expect, test } from "vitest";
import { jsonLine, parseLine, renderLine } from "./log-lines.ts";

const formats = new Map([["web", { kind: "json", level: "level", message: "msg" } as const]]);
const time = "2026-07-01T12:00:00.000000001Z";
const plain = (_: string, text: string) => text;

describe("log lines", () => {
  test("shows a JSON line as level, message and fields, at the time of Amsterdam", () => {
    const line = parseLine(`web-1  | ${time} {"level":"info","time":"x","msg":"request done","status":200}`, formats);
    expect(line && renderLine(line, 5, plain)).toBe("14:00:00 web   info request done  status=200");
  });

  test("names the levels that pino writes as numbers", () => {
    expect(parseLine(`web-1  | ${time} {"level":50,"msg":"x"}`, formats)?.record?.level).toBe("error");
  });

  test("leaves a line alone that is no JSON, and one of a service that writes text", () => {
    expect(parseLine(`web-1  | ${time} {broken`, formats)).toMatchObject({ text: "{broken", record: undefined });
    expect(parseLine(`redis-sessions-1  | ${time} {"a":1}`, formats)).toMatchObject({ service: "redis-sessions", text: '{"a":1}', record: undefined });
  });

  test("passes over what Compose says itself", () => {
    expect(parseLine("no such service: x", formats)).toBeUndefined();
  });

  test("gives programs one object with the service and Docker's time", () => {
    const line = parseLine(`web-1  | ${time} {"level":"info","msg":"done","status":200}`, formats);
    expect(line && JSON.parse(jsonLine(line))).toEqual({ service: "web", time, level: "info", message: "done", status: 200 });
  });
});
