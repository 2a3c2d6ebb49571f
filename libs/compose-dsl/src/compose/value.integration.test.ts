/** The values that we write, read by the real Compose: what it understands is what we meant. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationText, environmentText, fileMode, literal, sizeText, variable } from "./value.ts";

const version = spawnSync("docker", ["compose", "version", "--short"], { encoding: "utf8", timeout: 20_000 });
const missing = version.status === 0 ? "" : " (not run: `docker compose` is not installed here)";

interface Configuration {
  readonly services: {
    readonly web: {
      readonly environment: Readonly<Record<string, string>>;
      readonly healthcheck: { readonly start_period: string; readonly interval: string };
      readonly deploy: { readonly resources: { readonly limits: { readonly memory: string } } };
      readonly configs?: readonly { readonly mode: number | string }[];
      readonly volumes?: readonly { readonly tmpfs: { readonly mode: number } }[];
      readonly image: string;
    };
  };
}

/** What Compose makes of a service; `$` in its answer is doubled again, as in a Compose file. */
function readByCompose(service: Readonly<Record<string, unknown>>): Configuration["services"]["web"] {
  const file = { name: "values", services: { web: { image: "web", ...service } }, configs: { settings: { content: "a" } } };
  const run = spawnSync("docker", ["compose", "-f", "-", "config", "--format", "json"], {
    input: JSON.stringify(file), encoding: "utf8", timeout: 60_000,
  });
  expect(run.stderr.replaceAll(/.*level=warning.*\n/g, "")).toBe("");
  const configuration: Configuration = JSON.parse(run.stdout);
  return configuration.services.web;
}

describe.skipIf(missing !== "" && process.env["JLAM_REQUIRE_ALL"] !== "1")(`values read by Compose${missing}`, () => {
  it("keeps literal text as it was written", () => {
    const texts = fc.sample(fc.oneof(fc.string({ unit: "grapheme-ascii" }), fc.stringMatching(/^[$ab{}:-]{0,12}$/)), { numRuns: 200, seed: 7 });
    const environment = Object.fromEntries(texts.map((text, index) => [`T${index}`, environmentText(text)]));
    expect(readByCompose({ environment }).environment).toEqual(environment);
  });

  it("reads an unescaped dollar as a variable, so that the test above can fail", () => {
    expect(readByCompose({ environment: { A: "pa$word" } }).environment["A"]).toBe("pa");
  });

  it("takes the fallback of a variable literally", () => {
    expect(readByCompose({ environment: { A: variable("JLAM_UNSET", "a$b:1-2") } }).environment["A"]).toBe(literal("a$b:1-2"));
    expect(readByCompose({ image: variable("JLAM_UNSET", "web:1.2@sha256-x") }).image).toBe("web:1.2@sha256-x");
  });

  it("writes durations as Compose itself does", () => {
    for (const duration of [500, 1500, "90s", "1h", "1d", 61_001, "24h", "1w"]) {
      const text = durationText(duration);
      const { healthcheck } = readByCompose({ healthcheck: { test: ["CMD", "true"], interval: text, start_period: text } });
      expect(healthcheck).toMatchObject({ interval: text, start_period: text });
    }
  });

  it("writes sizes that Compose reads to the byte", () => {
    for (const size of [536_870_912, 1_000_001, 1024, 3 * 2 ** 40]) {
      const { deploy } = readByCompose({ deploy: { resources: { limits: { memory: sizeText(size) } } } });
      expect(deploy.resources.limits.memory).toBe(String(size));
    }
  });

  it("writes modes that Compose reads as the same bits", () => {
    const tmpfs = { type: "tmpfs", target: "/t", tmpfs: { mode: fileMode(0o1777) } };
    const { configs, volumes } = readByCompose({ configs: [{ source: "settings", mode: fileMode(0o440) }], volumes: [tmpfs] });
    expect([configs, volumes]).toMatchObject([[{ mode: expect.toSatisfy(is440) }], [{ tmpfs: { mode: 0o1777 } }]]);
  });
});

/** Compose 2.26 answers with the number, newer ones with octal text. */
function is440(mode: number | string): boolean {
  return typeof mode === "number" ? mode === 0o440 : Number.parseInt(mode, 8) === 0o440;
}
