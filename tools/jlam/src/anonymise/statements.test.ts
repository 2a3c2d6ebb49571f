import { describe, expect, test } from "vitest";
import { disagreements } from "./statements.ts";

const column = { table: "member", column: "id", type: "uuid" };

describe("rules for every column", () => {
  test.each([
    ["that fit", { member: { columns: { id: { kind: "pseudonym" } } } }, []],
    ["that empty the table", { member: { emptied: "a test" } }, []],
    ["of another table alone", { other: { emptied: "a test" } }, ["member.id has no rule"]],
    ["of another column alone", { member: { columns: { name: { kind: "scrubbed" } } } }, ["member.id has no rule"]],
    ["for another type", { member: { columns: { id: { kind: "scrubbed" } } } }, ["member.id is of the type uuid, which can't be scrubbed"]],
    ["for a number", { member: { columns: { id: { kind: "drawn", from: 1, to: 2, decimals: 0 } } } }, ["member.id is of the type uuid, which can't be drawn"]],
  ] as const)("%s", (_what, rules, found) => {
    expect(disagreements(rules, [column])).toEqual(found);
  });
});
