/** The table of faults for docs/evidence: each row from its own newest run, so that the long table can be made in pieces. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname } from "node:path";
import { execaSync } from "execa";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import type { Fault } from "./fault.ts";
import type { Undergone } from "./undergo.ts";

const preface = [
  "# Faults of a release",
  "",
  "Each is made on a host of the test's own, with a real engine, sshd, registry and proxy, while visitors come at 20 requests a second over TLS, with event streams and WebSockets open. What is told must show that the fault bit; for those of which a deploy itself says nothing, the test looks (tests/release/faults). Afterwards journal, file on disk and proxy must agree.",
  "",
  "`JLAM_FULL=1 JLAM_FAULT_TABLE=docs/evidence/release-faults.md node_modules/.bin/vitest run --project integration tests/release/faults`, in pieces (`-t`, or `JLAM_FAULT_MINUTES=8`, which goes on where the table ends); `./jlam test --full` runs all of them. A row is of the run that its last column names: time, revision (* with changes that weren't committed yet), load of the 2 processors at its end.",
  "",
];
const asItShould = "as it should";
const header = ["fault", "ended", "exit", "served right after", "failed of all requests", "longest gap", "next command", "told", "verdict", "run"];

/** Puts a row into the table, which is made where it isn't there. Faults that never ran are said to be not run. */
export function noteRow(path: string, fault: Fault, all: readonly Fault[], { outcome, served, next, report, wrong }: Undergone, version: number): void {
  const rows = readRows(path);
  rows.set(fault.name, [
    outcome.end,
    String(outcome.exit),
    served === version ? "the new version" : "the old version",
    `${report.failed} of ${report.requests}`,
    `${(report.longestGap / 1000).toFixed(1)} s`,
    next ?? "",
    shortened(outcome.told),
    wrong.length === 0 ? asItShould : `**wrong**: ${shortened(wrong.join("; "))}`,
    `${new Date().toISOString().slice(0, 16)}Z, ${revision()}, ${(loadavg()[0] ?? 0).toFixed(0)}`,
  ]);
  mkdirSync(dirname(path), { recursive: true });
  const lines = all.map(({ name }) => line([name, ...(rows.get(name) ?? ["not run"])]));
  writeFileSync(path, [...preface, line(header), line(header.map(() => "---")), ...lines, ""].join("\n"));
}

/** Names of the faults whose row says that all was as it should be. */
export const provenIn = (path: string): ReadonlySet<string> => new Set([...readRows(path)].filter(([, cells]) => cells.at(-2) === asItShould).map(([name]) => name));

function readRows(path: string): Map<string, readonly string[]> {
  if (!existsSync(path)) return new Map();
  const rows = readFileSync(path, "utf8").split("\n").filter((text) => text.startsWith("| ")).map((text) => text.slice(2, -2).split(" | "));
  return new Map(rows.filter((cells) => cells.length === header.length).map(([name = "", ...cells]) => [name, cells]));
}

const line = (cells: readonly string[]): string => `| ${[...cells, ...header.slice(cells.length).map(() => "")].join(" | ")} |`;

/** One line, without what would end a cell. */
const shortened = (text: string): string => {
  const flat = text.replaceAll(/\s+/g, " ").replaceAll("|", "/").trim();
  return flat.length <= 240 ? flat : `${flat.slice(0, 239)}…`;
};

function revision(): string {
  const git = (...args: readonly string[]): string => execaSync("git", args, { cwd: repositoryRoot }).stdout.trim();
  const changed = git("status", "--porcelain", "--untracked-files=no", "--", "tests", "tools", "libs", "apps").length > 0;
  return `${git("rev-parse", "--short", "HEAD")}${changed ? "*" : ""}`;
}
