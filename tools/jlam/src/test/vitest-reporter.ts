/** Loaded by Vitest: writes what every test came to into the file that JLAM_TEST_REPORT names, as vitest-report.ts reads it. */
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import { reportVariable, type ReportedTest, type VitestReport } from "./vitest-report.ts";

type UnhandledErrors = Parameters<NonNullable<Reporter["onTestRunEnd"]>>[1];

/** Vitest's own JSON lacks why a test was skipped and what it annotated. */
export default class ReportToFile implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: UnhandledErrors): void {
    const path = process.env[reportVariable];
    if (path === undefined) return;
    const broken = modules.flatMap((module) => module.errors().map(({ message }) => `${fileOf(module)}: ${message}`));
    const report: VitestReport = {
      tests: modules.flatMap((module) => [...module.children.allTests()].map(reported)),
      broken: [...broken, ...unhandled.map(({ message }) => message)],
    };
    writeFileSync(path, JSON.stringify(report));
  }
}

const fileOf = (module: TestModule): string => relative(process.cwd(), module.moduleId);

function reported(test: TestCase): ReportedTest {
  const result = test.result();
  return {
    file: fileOf(test.module),
    name: test.fullName,
    // A test that never ended, because its worker died, has not passed.
    state: result.state === "pending" ? "failed" : result.state,
    note: result.state === "skipped" ? result.note : undefined,
    errors: (result.errors ?? []).map(({ message }) => message),
    annotations: test.annotations().map(({ type, message }) => ({ type, message })),
  };
}
