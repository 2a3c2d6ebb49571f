import { checkEnvironment, checkPlatform, emitFiles, modelledKeys, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { environmentNames, loadEnvironment } from "../synth/platform.ts";

const names = environmentNames();
const environments: readonly ResolvedEnvironment[] = await Promise.all(names.map((name) => loadEnvironment(name)));
const messages = (severity: "error" | "warning", among: ReturnType<typeof checkEnvironment>): readonly string[] =>
  among.filter((diagnostic) => diagnostic.severity === severity).map(({ rule, message }) => `${message} (${rule})`);

describe.each(environments)("the environment $name", (environment) => {
  it("has no errors", () => {
    expect(messages("error", checkEnvironment(environment))).toEqual([]);
  });

  it("has no warnings but of images that are not locked yet", () => {
    expect(messages("warning", checkEnvironment(environment)).filter((message) => !message.endsWith("(image-lock)"))).toEqual([]);
  });
});

describe("what the emitter puts into a service", () => {
  const composeFile = z.object({ services: z.record(z.string(), z.record(z.string(), z.unknown())).default({}) });
  const texts = environments.flatMap((environment) => [...emitFiles(environment)].filter(([path]) => /^[^/]+\.yaml$/.test(path)).map(([, text]) => text));
  const emitted = new Set(texts.flatMap((text) => Object.values(composeFile.parse(load(text)).services).flatMap((service) => Object.keys(service))));
  /** What services of ours have put there through the hatch itself. */
  const throughHatch = new Set(environments.flatMap(({ services }) => [...services.values()].flatMap(({ node }) => Object.keys(node.compose))));

  it("is refused in the escape hatch, where it would be overwritten in silence; labels and deploy are joined", () => {
    expect([...emitted].filter((key) => !(key in modelledKeys) && !throughHatch.has(key)).toSorted()).toEqual(["deploy", "labels"]);
  });
});

describe("the environments together", () => {
  it("take nothing from each other", () => {
    expect(checkPlatform(environments)).toEqual([]);
  });

  it("would be told if two of them were one", () => {
    expect(checkPlatform([...environments, ...environments.slice(0, 1)]).length).toBeGreaterThan(0);
  });
});
