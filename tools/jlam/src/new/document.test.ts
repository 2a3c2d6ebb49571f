import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkEnvironment, emitFiles } from "@jlam/compose-dsl";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadEnvironment, repositoryRoot } from "../synth/platform.ts";
import { planGeneration, writeGeneration } from "./generate.ts";
import { copyRepository, type RepositoryCopy } from "./repository.fixture.ts";
import { serviceFiles } from "./service-files.ts";

const page = readFileSync(join(repositoryRoot, "docs/new-service.md"), "utf8");
const names = { name: "notes", identifier: "notes" } as const;

/** The listing of the page that stands below `<!-- file: path -->`. */
function listing(path: string): string {
  const found = page.split(`<!-- file: ${path} -->\n\`\`\`ts\n`)[1]?.split("```")[0];
  if (found === undefined) throw new Error(`docs/new-service.md has no listing of ${path}`);
  return found;
}

let copy: RepositoryCopy;

/** The repository as the page leaves it: what step 1 writes, with the listing as its stack. */
beforeEach(() => {
  copy = copyRepository();
  const files = serviceFiles({ ...names, owner: "platform", host: "notes", holds: "medical-data" });
  writeGeneration(copy.root, planGeneration(copy.root, files, { ...names, database: true }, { into: ["local", "ci"], others: [] }));
  writeFileSync(join(copy.root, "apps/notes/stack.ts"), listing("apps/notes/stack.ts"));
  copy.link("notes");
});

afterEach(() => copy.remove());

/** Step 4: the three places of the second listing, put into staging. */
function addToStaging(): void {
  const [importLine = "", stacks = "", provided = ""] = listing("environments/staging/environment.ts").split("\n\n");
  const path = join(copy.root, "environments/staging/environment.ts");
  const text = readFileSync(path, "utf8");
  const edited = text.replace(/^ *stacks: .*\n/m, () => `${stacks}\n`).replace(/^ *provides: \[\n/m, (line) => `${line}${provided}`);
  writeFileSync(path, `${importLine}\n${edited}`);
}

describe("docs/new-service.md", () => {
  it("shows the file that the command writes", () => {
    const written = serviceFiles({ ...names, owner: "platform", host: "notes", holds: "medical-data" }).find(({ path }) => path === "apps/notes/stack.ts");
    expect(listing("apps/notes/stack.ts")).toBe(written?.text);
  });

  it("keeps its promise of fewer than 40 lines", () => {
    expect(listing("apps/notes/stack.ts").trimEnd().split("\n").length).toBeLessThan(40);
  });

  it("has listings that compile", { timeout: 60_000 }, async () => {
    addToStaging();
    expect(await copy.typeErrors()).toBe("");
  });

  it("would not compile with a port that isn't declared", { timeout: 60_000 }, async () => {
    const path = join(copy.root, "apps/notes/stack.ts");
    writeFileSync(path, readFileSync(path, "utf8").replace("notes.ports.http,", "notes.ports.htp,"));
    expect(await copy.typeErrors()).toContain("htp");
  });

  it("leads to a service at the address that it names", async () => {
    const environment = await loadEnvironment("local", copy.root);
    expect(environment.routes.map(({ host, service }) => `${host} ${service}`)).toContain("notes.jlam.localhost notes");
    expect(emitFiles(environment).get("notes.yaml")).toContain("DATABASE_PASSWORD_FILE: /run/secrets/DATABASE_PASSWORD");
  });

  it("brings it to staging without a finding that staging didn't have", async () => {
    const before = checkEnvironment(await loadEnvironment("staging")).filter(({ severity }) => severity === "error");
    addToStaging();
    const after = checkEnvironment(await loadEnvironment("staging", copy.root)).filter(({ severity }) => severity === "error");
    expect(after.map(({ rule }) => rule)).toEqual(before.map(({ rule }) => rule));
  });
});
