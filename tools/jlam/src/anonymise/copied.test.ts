import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "@jlam/backup/manifest";
import { planFileSchema } from "@jlam/backup/plan-file";
import { describe, expect, test } from "vitest";
import { environmentNames, generatedDirectory } from "../synth/platform.ts";
import { copied } from "./copied.ts";

const saved = (id: string): Manifest["databases"][number] => ({
  id, name: id.replace("postgres-", ""), server: "17.7", major: 17, snapshotAt: "2026-11-22T02:00:00.000Z",
  content: { tables: [], sequences: [], extensions: [], largeObjects: "0" }, answer: null,
});
const set = { id: "2026-11-22T02-00-00-000Z", databases: [saved("postgres-app"), saved("postgres-auth"), saved("postgres-new")] };
const step = { service: "web", command: ["true"] };
const plan = {
  applications: [{ database: "postgres-app", question: "", erasures: "", replay: step, afterwards: step, anonymised: { member: { emptied: "a test" } } }],
  uncopied: [{ database: "postgres-auth", because: "It holds everybody's passwords." }],
};

describe("a copy without people", () => {
  test("holds what has rules, and tells why the others stay", () => {
    const { wanted, left } = copied(plan, set, []);
    expect(wanted.map((each) => each.saved.id)).toEqual(["postgres-app"]);
    expect(left).toEqual([{ id: "postgres-auth", because: "It holds everybody's passwords." }, { id: "postgres-new", because: undefined }]);
  });

  test.each([
    ["postgres-auth", { message: 'No copy of the database "auth" leaves.', why: "It holds everybody's passwords.", fix: "A copy can be made of: app." }],
    ["postgres-new", { message: 'No copy of the database "new" leaves.', why: "Nobody said what becomes of its columns." }],
    ["postgres-other", { message: `The set ${set.id} holds no database "other".`, why: undefined }],
  ])("isn't made of %s", (id, refused) => {
    expect(() => copied(plan, set, [id])).toThrow(expect.objectContaining({ ...refused, exitCode: 2 }));
  });

  test("isn't made where no database has rules", () => {
    expect(() => copied({ ...plan, applications: [] }, set, [])).toThrow("holds no database that says what becomes of its columns");
  });
});

test.each(environmentNames())("in %s every database that is saved has rules, or a reason why no copy of it leaves", (environment) => {
  const { databases, applications, uncopied } = planFileSchema.parse(JSON.parse(readFileSync(join(generatedDirectory(environment), "files/backup/etc/backup/plan.json"), "utf8")));
  const decided = [...applications.flatMap(({ database, anonymised }) => (anonymised === undefined ? [] : [database])), ...uncopied.map(({ database }) => database)];
  expect(decided.sort()).toEqual(databases.map(({ id }) => id).sort());
});
