import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentHash, manifestName } from "@jlam/compose-dsl";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { handEdits } from "./hand-edits.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "jlam-hand-edits-"));
  mkdirSync(join(folder, "files"));
  writeFileSync(join(folder, "compose.yaml"), "name: jlam-local\n");
  writeFileSync(join(folder, "files", "prometheus.yml"), "global: {}\n");
  const files = { "compose.yaml": contentHash("name: jlam-local\n"), "files/prometheus.yml": contentHash("global: {}\n") };
  writeFileSync(join(folder, manifestName), JSON.stringify({ files }));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("handEdits", () => {
  it("says nothing while every file is as it was written", () => {
    expect(handEdits(folder)).toEqual([]);
  });

  it("says nothing of a folder that isn't there yet", () => {
    expect(handEdits(join(folder, "missing"))).toEqual([]);
  });

  it("tells an edit with its hash, so that a second edit is another", () => {
    writeFileSync(join(folder, "files", "prometheus.yml"), "global: { scrape_interval: 1s }\n");
    expect(handEdits(folder)).toEqual([`files/prometheus.yml ${contentHash("global: { scrape_interval: 1s }\n")}`]);
  });

  it("tells a file that somebody added", () => {
    writeFileSync(join(folder, "notes.md"), "mine");
    expect(handEdits(folder)).toEqual([`notes.md ${contentHash("mine")}`]);
  });

  it("tells a file that somebody removed", () => {
    rmSync(join(folder, "compose.yaml"));
    expect(handEdits(folder)).toEqual(["compose.yaml missing"]);
  });

  it("tells every file when a merge conflict made the manifest unreadable", () => {
    writeFileSync(join(folder, manifestName), "<<<<<<< ours");
    expect(handEdits(folder).map((line) => line.split(" ")[0])).toEqual(["compose.yaml", "files/prometheus.yml", manifestName]);
  });
});
