/** Lets a scanner look at every image of a release, by digest. */
import { execa } from "execa";
import { z } from "zod";
import { PersonError } from "../../terminal/failure.ts";
import { parseJson } from "./archive.ts";
import type { Release } from "./release.ts";

/** Longest that one image may take, in milliseconds: the first one fetches the database of vulnerabilities. */
const timeout = 900_000;

/** Only what can be mended counts: a finding without a fixed version can't be updated away. */
const trivyArguments = ["image", "--quiet", "--scanners", "vuln", "--severity", "HIGH,CRITICAL", "--ignore-unfixed", "--format", "json"];

/** What we read of Trivy's JSON report. */
const reportSchema = z.object({ Results: z.array(z.object({ Vulnerabilities: z.array(z.object({ VulnerabilityID: z.string(), PkgName: z.string(), InstalledVersion: z.string(), FixedVersion: z.string().optional() })).optional() })).optional() });

export interface ScanFinding {
  readonly image: string;
  readonly vulnerability: string;
  /** Package with the version that is there and the one that mends it. */
  readonly found: string;
}

/**
 * Every serious vulnerability of the release's images that a newer version mends.
 * @throws PersonError where the scanner isn't there or can't read an image: then nothing was scanned
 */
export async function scanRelease({ images }: Pick<Release, "images">, program: string, report: (line: string) => void): Promise<readonly ScanFinding[]> {
  const findings: ScanFinding[] = [];
  for (const [reference, digest] of Object.entries(images)) {
    const image = `${reference}@${digest}`;
    report(image);
    const result = await execa(program, [...trivyArguments, image], { timeout, reject: false, maxBuffer: 256 * 1024 * 1024 });
    const parsed = result.failed ? undefined : reportSchema.safeParse(parseJson(result.stdout));
    if (!parsed?.success) {
      throw new PersonError("An image could not be scanned, so the release wasn't.", { where: image, why: result.stderr.trim() || result.shortMessage || "the scanner's report can't be understood", fix: "Install Trivy, and log in to the registry of the image." });
    }
    for (const { Vulnerabilities = [] } of parsed.data.Results ?? []) {
      for (const { VulnerabilityID, PkgName, InstalledVersion, FixedVersion = "" } of Vulnerabilities) findings.push({ image, vulnerability: VulnerabilityID, found: `${PkgName} ${InstalledVersion} → ${FixedVersion}` });
    }
  }
  return findings;
}
