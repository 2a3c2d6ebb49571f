import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleFiles, sampleRelease } from "../sample.fixture.ts";
import { canonicalJson } from "./canonical.ts";
import { configurationOf, readRelease, releaseFile, sealRelease } from "./release.ts";

describe("a release's id", () => {
  test("is that of its content, in whatever order its keys were written", () => {
    const { id, ...content } = sampleRelease(1);
    const reversed = Object.fromEntries(Object.entries(content).reverse());
    expect(sealRelease({ ...content, ...reversed }).id).toBe(id);
  });

  test("changes with the revision, a digest, a schema or a file", () => {
    const first = sampleRelease(1);
    const others = [sampleRelease(2), sampleRelease(1, { images: {} }), sampleRelease(1, { schemas: { web: { job: "migrate", database: "postgres-app", steps: [] } } }), sampleRelease(1, { environments: {} })];
    expect(new Set([first, ...others].map(({ id }) => id)).size).toBe(others.length + 1);
  });
});

describe("release.json", () => {
  test("is read as the release that was written", () => {
    const release = sampleRelease(1);
    expect(readRelease(releaseFile(release), release.id)).toEqual(release);
  });

  test("that was edited is no longer that release", () => {
    const release = sampleRelease(1);
    const edited = releaseFile(release).replace(release.revision, "f".repeat(40));
    expect(() => readRelease(edited, release.id)).toThrow("somebody changed it");
  });

  test("that is no release is refused with what is missing", () => {
    expect(() => readRelease("{}", sampleRelease(1).id)).toThrow(/can't be understood.*revision/s);
  });
});

describe("the hash of a configuration", () => {
  test("differs for every file that is added, removed, renamed or changed", () => {
    const base = configurationOf(sampleFiles);
    const [path, text] = ["compose.yaml", sampleFiles.get("compose.yaml") ?? ""] as const;
    for (const other of [new Map([...sampleFiles, ["more.yaml", ""]]), new Map<string, string>(), new Map([[`${path}x`, text]]), new Map([[path, `${text} `]])]) {
      expect(configurationOf(other)).not.toBe(base);
    }
  });

  test("doesn't depend on the order of files", () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.string()), (files) => {
      const entries = Object.entries(files);
      expect(configurationOf(new Map(entries.toReversed()))).toBe(configurationOf(new Map(entries)));
    }));
  });
});

test("canonical JSON is the same for values that are equal, and reads as the value it was", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const text = canonicalJson(value);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    expect(canonicalJson(JSON.parse(text))).toBe(text);
  }));
});
