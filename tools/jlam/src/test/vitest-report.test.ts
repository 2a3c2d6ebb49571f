import { expect, test } from "vitest";
import { resultOfReport, waiverAnnotation, type ReportedTest, type VitestReport } from "./vitest-report.ts";

const passed: ReportedTest = { file: "a.test.ts", name: "a group > it works", state: "passed", errors: [], annotations: [] };
const resultOf = (report: Partial<VitestReport>) => resultOfReport("unit", 5, { tests: [], broken: [], ...report });

test("tests count by what they came to", () => {
  const tests: readonly ReportedTest[] = [passed, { ...passed, state: "failed", errors: ["no\nat line 3"] }, { ...passed, state: "skipped" }];
  expect(resultOf({ tests })).toMatchObject({ passed: 1, failed: 1, skipped: 1, failures: ["a.test.ts: a group > it works: no"] });
});

test("a file that could not be loaded is a failure, though it has no tests", () => {
  expect(resultOf({ broken: ["a.test.ts: no such module\nstack"] })).toMatchObject({ failed: 1, failures: ["a.test.ts: no such module"] });
});

test("a skip has the reason that the test gave, or else the title of its group", () => {
  const tests: readonly ReportedTest[] = [
    { ...passed, state: "skipped", note: "no image" },
    { ...passed, state: "skipped" },
  ];
  expect(resultOf({ tests }).skips.map(({ reason }) => reason)).toEqual(["no image", "a group"]);
});

test("waivers are told apart from other notes", () => {
  const annotations = [
    { type: waiverAnnotation, message: "proxy: non-root: the socket: root's" },
    { type: "notice", message: "12 edges" },
  ];
  expect(resultOf({ tests: [{ ...passed, annotations }] })).toMatchObject({
    waivers: [{ subject: "proxy: non-root", reason: "the socket: root's" }],
    notes: ["12 edges"],
  });
});
