import { describe, expect, test } from "vitest";
import { sampleFiles, sampleRelease } from "../sample.fixture.ts";
import { allReleases, findRelease, keepPromotion, keepRelease, promotedTo, releasedFiles } from "./archive.ts";
import { folder, gitAs, remote, source } from "./clone.fixture.ts";
import { shortId } from "./release.ts";
import { addFiles, fileAt, openRepository, snapshot, type ReleaseRepository } from "./repository.ts";

const empty = () => source([{ by: "anna@example.nl", files: { "a.txt": "a" } }]);
const alone = async (): Promise<ReleaseRepository> => openRepository(empty(), "");
const files = new Map([["staging", sampleFiles], ["production", sampleFiles]]);

/** The kept text of a path, whoever asks now. */
const kept = async (repository: ReleaseRepository, path: string): Promise<string | undefined> => await fileAt(await snapshot(repository), path);

describe("the release repository", { timeout: 60_000 }, () => {
  test("is the clone itself where there is no remote, and its working tree isn't touched", async () => {
    const root = empty();
    const repository = await openRepository(root, "");
    expect(repository.remote).toBeUndefined();
    expect(await addFiles(repository, "first", async () => [{ path: "a/b.txt", text: "één\n" }])).toBe(true);
    expect(await kept(repository, "a/b.txt")).toBe("één\n");
    expect(gitAs("test@example.nl", root, "status", "--porcelain")).toBe("");
    expect(gitAs("test@example.nl", root, "branch", "--list", "releases")).toBe("");
  });

  test("is origin where there is one, and another where it is named", async () => {
    const root = empty();
    gitAs("test@example.nl", root, "remote", "add", "origin", remote());
    expect((await openRepository(root, "")).remote).toBe("origin");
    expect((await openRepository(root, "/elsewhere")).remote).toBe("/elsewhere");
  });

  test("never changes what it has", async () => {
    const repository = await alone();
    await addFiles(repository, "first", async () => [{ path: "a.txt", text: "one" }]);
    expect(await addFiles(repository, "again", async () => [{ path: "a.txt", text: "one" }])).toBe(false);
    await expect(addFiles(repository, "other", async () => [{ path: "a.txt", text: "two" }])).rejects.toThrow("has a.txt already, with another content");
    expect(await addFiles(repository, "meant", async () => [{ path: "a.txt", text: "two", replaces: true }])).toBe(true);
    expect(await kept(repository, "a.txt")).toBe("two");
  });

  test("has what two clones wrote at once", async () => {
    const shared = remote();
    const [one, other] = [await openRepository(empty(), shared), await openRepository(empty(), shared)];
    let waited = false;
    await addFiles(one, "one", async () => {
      // Somebody else is faster, between our reading and our writing.
      if (!waited) await addFiles(other, "other", async () => [{ path: "other.txt", text: "other" }]);
      waited = true;
      return [{ path: "one.txt", text: "one" }];
    });
    expect([await kept(one, "one.txt"), await kept(one, "other.txt")]).toEqual(["one", "other"]);
    expect([await kept(other, "one.txt"), await kept(other, "other.txt")]).toEqual(["one", "other"]);
  });

  test("that can't be reached is told with git's words, and nothing is written", async () => {
    const repository = await openRepository(empty(), `${folder()}/nowhere`);
    await expect(addFiles(repository, "first", async () => [{ path: "a.txt", text: "a" }])).rejects.toMatchObject({ message: "The release repository can't be read or written.", why: expect.stringContaining("nowhere") });
  });
});

describe("a kept release", { timeout: 60_000 }, () => {
  test("is found by the beginning of its id, with the files that it was built with", async () => {
    const repository = await alone();
    const release = sampleRelease(1);
    expect(await keepRelease(repository, release, files)).toBe(true);
    expect(await keepRelease(repository, release, files)).toBe(false);
    const from = await snapshot(repository);
    expect(await findRelease(from, shortId(release.id))).toEqual(release);
    expect(await releasedFiles(from, release, "production")).toEqual(sampleFiles);
  });

  test("isn't kept with other files than its own", async () => {
    await expect(keepRelease(await alone(), sampleRelease(1), new Map([["staging", sampleFiles]]))).rejects.toThrow("the files of production aren't those of release");
  });

  test("that nobody has, or that isn't named uniquely, is refused", async () => {
    const repository = await alone();
    await keepRelease(repository, sampleRelease(1), files);
    await keepRelease(repository, sampleRelease(2), files);
    const from = await snapshot(repository);
    await expect(findRelease(from, "zzz")).rejects.toThrow('There is no release "zzz".');
    await expect(findRelease(from, "")).rejects.toThrow("There is no release");
    expect((await allReleases(from)).length).toBe(2);
  });

  test("whose file was edited is refused by whoever reads it", async () => {
    const repository = await alone();
    const release = sampleRelease(1);
    await keepRelease(repository, release, files);
    const path = `releases/${release.id}/release.json`;
    const text = (await kept(repository, path)) ?? "";
    await addFiles(repository, "an attempt", async () => [{ path, text: text.replace(release.revision, "e".repeat(40)), replaces: true }]);
    await expect(findRelease(await snapshot(repository), release.id)).rejects.toThrow("somebody changed it");
  });

  test("whose generated files were edited or joined by another is refused", async () => {
    const repository = await alone();
    const release = sampleRelease(1);
    await keepRelease(repository, release, files);
    await addFiles(repository, "an attempt", async () => [{ path: `releases/${release.id}/files/production/more.yaml`, text: "services: {}\n" }]);
    const from = await snapshot(repository);
    await expect(releasedFiles(from, release, "production")).rejects.toThrow("aren't those that it was built with");
    expect(await releasedFiles(from, release, "staging")).toEqual(sampleFiles);
  });

  test("is the one that was promoted last", async () => {
    const repository = await alone();
    for (const number of [1, 2]) {
      await keepRelease(repository, sampleRelease(number), files);
      await keepPromotion(repository, { environment: "production", release: sampleRelease(number).id, from: "staging", by: "anna@example.nl", at: "2026-11-22T10:00:00Z" });
    }
    expect((await promotedTo(await snapshot(repository), "production"))?.id).toBe(sampleRelease(2).id);
    expect(await promotedTo(await snapshot(repository), "staging")).toBeUndefined();
  });
});
