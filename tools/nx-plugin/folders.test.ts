import { describe, expect, it } from "vitest";
import { projectFolders } from "./folders.ts";

describe("projectFolders", () => {
  it("finds a stack beside the package.json of an app", () => {
    expect(projectFolders(["apps/web/package.json", "apps/web/stack.ts"])).toEqual([
      { root: "apps/web", scope: "app", name: "web", hasStack: true, hasEnvironment: false },
    ]);
  });

  it("finds an environment", () => {
    expect(projectFolders(["environments/local/package.json", "environments/local/environment.ts"])).toEqual([
      { root: "environments/local", scope: "environment", name: "local", hasStack: false, hasEnvironment: true },
    ]);
  });

  it("takes an app without a stack, such as a provider, for an app", () => {
    expect(projectFolders(["apps/redis/package.json"])).toMatchObject([{ scope: "app", hasStack: false }]);
  });

  it.each(["bench", "tests"])("takes %s/ itself for one tool", (root) => {
    expect(projectFolders([`${root}/package.json`])).toMatchObject([{ root, scope: "tool" }]);
  });

  it("passes over a package.json below a project, such as that of a build", () => {
    expect(projectFolders(["libs/compose-dsl/dist/package.json", "apps/web/src/package.json"])).toEqual([]);
  });

  it("passes over a stack.ts without a package.json, which no workspace links", () => {
    expect(projectFolders(["apps/draft/stack.ts"])).toEqual([]);
  });

  it("gives the same order whatever order the files come in", () => {
    const files = ["tools/jlam/package.json", "apps/web/package.json", "libs/platform/package.json"];
    expect(projectFolders(files)).toEqual(projectFolders([...files].reverse()));
  });
});
