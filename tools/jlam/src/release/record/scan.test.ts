/** Trivy's own database can't be had everywhere, so its report is given here as its documentation (docs/configuration/reporting) has it. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sampleRelease } from "../sample.fixture.ts";
import { folder } from "./clone.fixture.ts";
import { scanRelease } from "./scan.ts";

const release = sampleRelease(1);
const vulnerable = { Results: [{ Target: "web (debian 13)", Vulnerabilities: [{ VulnerabilityID: "CVE-2026-0001", PkgName: "libssl3", InstalledVersion: "3.5.0", FixedVersion: "3.5.1", Severity: "HIGH" }] }, { Target: "node" }] };

/** A program that writes its arguments down, prints this and exits so. */
function scanner(output: string, exitCode = 0): { readonly program: string; readonly asked: string } {
  const root = folder();
  const [program, asked] = [join(root, "scanner"), join(root, "asked")];
  writeFileSync(join(root, "report.json"), output);
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$*" >> "${asked}"\ncat "${join(root, "report.json")}"\nexit ${exitCode}\n`);
  chmodSync(program, 0o755);
  return { program, asked };
}

describe("a scan of a release", () => {
  test("tells each serious finding with the version that mends it", async () => {
    const scanned = scanner(JSON.stringify(vulnerable));
    const [image] = Object.entries(release.images).map((pair) => pair.join("@"));
    expect(await scanRelease(release, scanned.program, () => undefined)).toEqual([{ image, vulnerability: "CVE-2026-0001", found: "libssl3 3.5.0 → 3.5.1" }]);
    expect(readFileSync(scanned.asked, "utf8")).toMatch(new RegExp(`--severity HIGH,CRITICAL .*${image ?? ""}\n$`));
  });

  test("of clean images finds nothing", async () => {
    expect(await scanRelease(release, scanner('{ "Results": [] }').program, () => undefined)).toEqual([]);
  });

  test.each([["exits with a failure", "", 1], ["prints something else", "{ \"Results\": 3 }", 0], ["prints no JSON", "panic", 0]])("is no scan where the scanner %s", async (_, output, exitCode) => {
    await expect(scanRelease(release, scanner(output, exitCode).program, () => undefined)).rejects.toThrow("An image could not be scanned");
  });

  test("is no scan without a scanner", async () => {
    await expect(scanRelease(release, "/nowhere/trivy", () => undefined)).rejects.toThrow("An image could not be scanned");
  });
});
