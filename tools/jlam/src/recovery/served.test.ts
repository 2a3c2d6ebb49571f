import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EntryFacts } from "../release/journal/entry.ts";
import { itinerary } from "../release/machine/host.fixture.ts";
import { entryFacts, sampleJournal, sampleRelease } from "../release/sample.fixture.ts";
import { servedHere } from "./served.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "jlam-served-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const containerFrom = (file: string) => ({ labels: { "com.docker.compose.project.config_files": file } });
const released = () => [containerFrom(join(root, "releases/r-1/compose.yaml"))];

/** Writes a journal in which a release is brought to `r-1` in green, up to the steps that are given. */
function journal(...steps: readonly EntryFacts["step"][]): void {
  const release = sampleRelease(1);
  const { text } = sampleJournal("staging", steps.map((step) => entryFacts(release, { step, evidence: step === "begin" ? { colour: "green", folder: "r-1" } : {} })));
  writeFileSync(join(root, "journal.jsonl"), text);
  mkdirSync(join(root, "releases/r-1"), { recursive: true });
  writeFileSync(join(root, "releases/r-1/itinerary.json"), JSON.stringify(itinerary({ environment: "staging" })));
}

describe("what serves on this machine", () => {
  test("is nothing of a release where jlam up made the containers", async () => {
    expect(await servedHere("staging", [containerFrom("/work/environments/sample/generated/compose.yaml")], root)).toBeUndefined();
  });

  test("is the release that the journal says visitors are led to, from its folder", async () => {
    journal("begin", "switch", "finish");
    expect(await servedHere("staging", released(), root)).toMatchObject({ folder: join(root, "releases/r-1"), colour: "green", itinerary: { environment: "staging" } });
  });

  test("isn't guessed where the files are on another machine", async () => {
    await expect(servedHere("staging", released(), root)).rejects.toMatchObject({ message: "What serves staging isn't known here.", fix: expect.stringContaining("on that machine") });
  });

  test("isn't touched while somebody holds the lock, and is afterwards", async () => {
    journal("begin", "switch", "finish");
    const lock = (until: number): void => writeFileSync(join(root, "lock"), `7\n${until}\nann@example.org\ndeploy 4f1d09a2\n`);
    lock(Math.ceil(Date.now() / 1000) + 60);
    await expect(servedHere("staging", released(), root)).rejects.toMatchObject({ message: "ann@example.org is at work on this machine (deploy 4f1d09a2)." });
    lock(Math.floor(Date.now() / 1000) - 1);
    expect(await servedHere("staging", released(), root)).toBeDefined();
  });

  test("is nobody before the first switch, and isn't read from a journal that somebody changed", async () => {
    journal("begin");
    await expect(servedHere("staging", released(), root)).rejects.toMatchObject({ message: "No release serves staging yet." });
    writeFileSync(join(root, "journal.jsonl"), "{}\n");
    await expect(servedHere("staging", released(), root)).rejects.toMatchObject({ message: "The journal of staging isn't what was written." });
  });
});
