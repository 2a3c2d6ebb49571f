/** Writes blueprints/fields.ts: fetches the published API package of each supported release with npm, and reads it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fieldTable } from "./field-table.ts";
import { readFields } from "./read-fields.ts";

/** The newest published API package of each release line. */
const packages = {
  "2025.8": "2025.8.6",
  "2025.10": "2025.10.4",
  "2025.12": "2025.12.6",
  "2026.2": "2026.2.0",
  "2026.5": "2026.5.6",
  "2026.8": "2026.8.3",
} as const;

const folder = mkdtempSync(join(tmpdir(), "authentik-api-"));
try {
  const releases = new Map(
    Object.entries(packages).map(([release, version]) => {
      const archive = execFileSync("npm", ["pack", "--silent", `@goauthentik/api@${version}`], { cwd: folder, encoding: "utf8" }).trim();
      const schema = execFileSync("tar", ["-xzOf", archive, "package/schema.yml"], { cwd: folder, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
      return [release, readFields(schema)] as const;
    }),
  );
  writeFileSync(join(import.meta.dirname, "../blueprints/fields.ts"), fieldTable(releases));
} finally {
  rmSync(folder, { recursive: true });
}
