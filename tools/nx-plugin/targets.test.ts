import { describe, expect, it } from "vitest";
import { projectFolders } from "./folders.ts";
import { configurationOf } from "./targets.ts";

function configured(...files: readonly string[]) {
  const [folder] = projectFolders(files);
  if (folder === undefined) throw new Error(`no project among ${files.join(", ")}`);
  return configurationOf(folder);
}

const app = () => configured("apps/web/package.json", "apps/web/stack.ts");
const environment = () => configured("environments/local/package.json", "environments/local/environment.ts");

describe("configurationOf", () => {
  it("gives a folder with a stack check, test and integration", () => {
    expect(Object.keys(app().targets ?? {})).toEqual(["lint", "test", "integration", "check"]);
  });

  it("gives an environment synth, drift, check and up", () => {
    expect(Object.keys(environment().targets ?? {})).toEqual(["lint", "test", "integration", "synth", "drift", "check", "up"]);
  });

  it("gives a library neither check nor synth", () => {
    expect(Object.keys(configured("libs/platform/package.json").targets ?? {})).toEqual(["lint", "test", "integration"]);
  });

  it.each([
    ["apps/web/package.json", "scope:app"],
    ["environments/ci/package.json", "scope:environment"],
    ["libs/platform/package.json", "scope:lib"],
    ["tools/jlam/package.json", "scope:tool"],
    ["bench/package.json", "scope:tool"],
  ])("tags %s with %s", (file, tag) => {
    expect(configured(file).tags).toEqual([tag]);
  });

  it("keeps the emitted files of an environment as the output of synth", () => {
    expect(environment().targets?.["synth"]).toMatchObject({
      cache: true,
      command: "node tools/jlam/src/main.ts synth local",
      outputs: ["{projectRoot}/generated"],
    });
  });

  it("never takes up from the cache", () => {
    expect(environment().targets?.["up"]).toMatchObject({ cache: false, command: "node tools/jlam/src/main.ts up local" });
  });

  it("runs integration tests of one project at a time", () => {
    expect(app().targets?.["integration"]).toMatchObject({ parallelism: false });
  });

  it("runs integration tests again when the engine or a JLAM_ variable is another", () => {
    const inputs = JSON.stringify(app().targets?.["integration"]?.inputs);
    expect(inputs).toContain("docker version");
    expect(inputs).toContain("^JLAM_");
  });

  it("doesn't emit environments again for a change in an app's program", () => {
    expect(app().namedInputs?.["model"]).toContain("!{projectRoot}/src/**/*");
  });

  it("leaves tests of apps/web apart from those of apps/website", () => {
    expect(app().targets?.["test"]).toMatchObject({ command: expect.stringMatching(/ apps\/web\/$/) });
  });
});
