import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { locate, type Place } from "./locate.ts";
import { sourceReader } from "./source-files.ts";

/** Finds `field` in a file with `text`, of the call marked by «, called from the one marked by » if there is one. */
function found(text: string, field: string | undefined): Pick<Place, "text" | "unwritten"> {
  const folder = mkdtempSync(join(tmpdir(), "jlam-locate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "stack.ts");
  const lines = text.split("\n");
  const at = (mark: string) => {
    const line = lines.findIndex((content) => content.includes(mark));
    return line < 0 ? undefined : { file, line: line + 1, column: (lines[line]?.indexOf(mark) ?? 0) + 1 };
  };
  const [origin, calledAt] = [at("«"), at("»")];
  if (!origin) throw new Error("no call is marked");
  writeFileSync(file, text.replaceAll(/[«»]/g, ""));
  const { text: line, unwritten } = locate(origin, field, { read: sourceReader(), calledAt });
  return { text: line, unwritten };
}

describe("the line of a key", () => {
  test("is the one inside the call", () => {
    expect(found('«service("a", {\n  settings: {\n    X: 1,\n  },\n});', "settings.X").text).toBe("X: 1,");
  });

  test("keys may hold dots and be quoted", () => {
    expect(found('«service("a", {\n  mounts: {\n    "/etc/a.yml": text(""),\n  },\n});', "mounts./etc/a.yml").text).toBe('"/etc/a.yml": text(""),');
  });

  test("is found in a shared constant, through a spread or a shorthand", () => {
    expect(found('const common = {\n  owner: "x",\n} as const;\n«service("a", { ...common });', "owner").text).toBe('owner: "x",');
    expect(found('const settings = {\n  X: 1,\n};\n«service("a", { settings });', "settings.X").text).toBe("X: 1,");
  });

  test("is the later one where a spread is written over", () => {
    expect(found('const common = {\n  owner: "x",\n};\n«service("a", {\n  ...common,\n  owner: "y",\n});', "owner").text).toBe('owner: "y",');
  });

  test("is in the caller where a parameter says it", () => {
    expect(found('function database(name, resources) {\n  return «service(name, { resources });\n}\n»database("a", {\n  memory: "1G",\n});', "resources.memory").text).toBe('memory: "1G",');
  });

  test("is not in a constant that a pattern of the same name hides", () => {
    const text = 'const resources = {\n  memory: "1G",\n};\nfunction database({ resources }) {\n  return «service("a", { resources });\n}';
    expect(found(text, "resources.memory").text).toBe('return service("a", { resources });');
  });

  test("is the key that holds the call, for a call that is a value itself", () => {
    expect(found('service("a", {\n  connects: {\n    data: «to(data, {}),\n  },\n});', "connects.data").text).toBe("data: to(data, {}),");
  });

  test("of an override is in the override", () => {
    expect(found('«override(web, {\n  settings: { LEVEL: "debug" },\n});', "settings.LEVEL").text).toBe('settings: { LEVEL: "debug" },');
  });

  test("names the key that isn't written where all that could say it was seen", () => {
    expect(found('«service("a", {\n  resources: { memory: "1G" },\n});', "resources.pids")).toEqual({ text: 'resources: { memory: "1G" },', unwritten: "pids" });
  });

  test("claims nothing where something it can't follow could say it", () => {
    expect(found('import { rest } from "./rest.ts";\n«service("a", {\n  resources: { memory: "1G", ...rest },\n});', "resources.pids").unwritten).toBeUndefined();
  });

  test("is the call's own line where no field is asked, or the call isn't found", () => {
    expect(found('const a = «service("a", {\n});', undefined).text).toBe('const a = service("a", {');
  });
});
