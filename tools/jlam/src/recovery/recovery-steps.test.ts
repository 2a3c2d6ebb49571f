import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../synth/platform.ts";
import { recoveryRunbook } from "./recovery-steps.ts";

test("the runbook has the steps that the drill goes by", () => {
  const path = join(repositoryRoot, "docs/runbooks/recovery.md");
  if (process.env["JLAM_UPDATE"] === "1") writeFileSync(path, recoveryRunbook());
  expect(readFileSync(path, "utf8")).toBe(recoveryRunbook());
});
