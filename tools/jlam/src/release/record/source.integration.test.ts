import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { addCommit, gitAs, revisionOf, source } from "./clone.fixture.ts";
import { authorsBetween, cleanRevision, whoAsks } from "./source.ts";

const repository = () => source([{ by: "anna@example.nl", files: { "a.txt": "a" } }]);

describe("the revision of a release", { timeout: 30_000 }, () => {
  test("is that of a clean tree, with the time of its commit", async () => {
    const root = repository();
    expect(await cleanRevision(root)).toEqual({ revision: revisionOf(root), committedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) });
  });

  test.each([["an edited file", "a.txt"], ["a new file", "b.txt"]])("doesn't exist with %s in the tree", async (_, path) => {
    const root = repository();
    writeFileSync(join(root, path), "changed");
    await expect(cleanRevision(root)).rejects.toMatchObject({ message: expect.stringContaining("changes that are in no commit"), why: expect.stringContaining(path) });
  });
});

describe("the authors of a release", { timeout: 30_000 }, () => {
  test("are all who wrote or co-wrote something since what runs now, in lower case", async () => {
    const root = repository();
    const running = revisionOf(root);
    addCommit(root, { by: "Bram@Example.nl", files: { "b.txt": "b" }, message: "two of us\n\nCo-authored-by: Chris <chris@example.nl>" });
    const next = addCommit(root, { by: "daan@example.nl", files: { "c.txt": "c" } });
    expect(await authorsBetween(root, running, next)).toEqual(["bram@example.nl", "chris@example.nl", "daan@example.nl"]);
  });

  test("of the first one ever are those of its last commit", async () => {
    const root = repository();
    const next = addCommit(root, { by: "bram@example.nl", files: { "b.txt": "b" } });
    expect(await authorsBetween(root, undefined, next)).toEqual(["bram@example.nl"]);
  });

  test("of an older one than what runs are those of its own commit, so that nobody brings back their own work alone", async () => {
    const root = repository();
    const older = revisionOf(root);
    const running = addCommit(root, { by: "bram@example.nl", files: { "b.txt": "b" } });
    expect(await authorsBetween(root, running, older)).toEqual(["anna@example.nl"]);
  });

  test("can't be told where a revision isn't in the clone", async () => {
    await expect(authorsBetween(repository(), "f".repeat(40), "e".repeat(40))).rejects.toThrow("doesn't have the revision ffffffffffff");
  });
});

test("whoever asks is whom git says", async () => {
  const root = repository();
  gitAs("x@example.nl", root, "config", "user.email", "Eva@Example.nl");
  expect(await whoAsks(root)).toBe("eva@example.nl");
});
