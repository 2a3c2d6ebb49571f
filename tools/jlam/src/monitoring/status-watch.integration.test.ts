/** `jlam status --watch` as people run it: on a terminal, and without one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { expect, test } from "vitest";
import { z } from "zod";

const main = join(import.meta.dirname, "../main.ts");

test("without a terminal it prints one picture and ends, for people or for programs", { timeout: 120_000 }, async () => {
  const people = await execa(process.execPath, [main, "status", "ci", "--watch"]);
  expect(people.stdout).toMatch(/^ci /);
  const programs = await execa(process.execPath, [main, "status", "ci", "--watch", "--json"]);
  const picture = z.object({ environment: z.literal("ci"), at: z.iso.datetime(), services: z.array(z.unknown()), monitoring: z.object({ kind: z.enum(["read", "silent"]) }) });
  expect(picture.parse(JSON.parse(programs.stdout)).services.length).toBeGreaterThan(10);
});

test("on a terminal it draws in place until Ctrl-C, and gives the cursor back", { timeout: 120_000 }, async () => {
  const terminal = spawn("script", ["--quiet", "--return", "--command", `stty rows 60 cols 120; "${process.execPath}" "${main}" status ci --watch`, "/dev/null"], { stdio: ["pipe", "pipe", "ignore"] });
  const ended = once(terminal, "close");
  let shown = "";
  terminal.stdout.on("data", (data: Buffer) => (shown += data.toString()));
  while (!shown.includes("Ctrl-C ends it.") && terminal.exitCode === null) await sleep(100);
  expect(stripVTControlCharacters(shown)).toMatch(/^ci /m);
  terminal.stdin.write("\x03");
  expect(await ended).toEqual([130, null]);
  // Hidden while it draws, and shown again at the very end (DECTCEM: ECMA-48's private mode 25).
  expect(shown.lastIndexOf("\x1b[?25h")).toBeGreaterThan(shown.lastIndexOf("\x1b[?25l"));
});
