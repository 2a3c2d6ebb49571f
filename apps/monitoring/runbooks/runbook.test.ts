import { describe, expect, test } from "vitest";
import { definitions, definitionOf } from "../alerts/index.ts";
import { thresholds, inWords } from "../alerts/threshold.ts";
import { watchedPlatform } from "../platform.fixture.ts";
import { handWritten, runbookPage } from "./runbook.ts";

const watched = watchedPlatform();

describe("a runbook", () => {
  test.each(definitions.map((definition) => [definition.name, definition] as const))("%s names three commands, an end and somebody to call", (_, definition) => {
    const page = runbookPage(definition, [watched], undefined);
    for (const heading of ["What it means", "The first three commands", "It is over when", "Who is told", "The rule"]) expect(page).toContain(`## ${heading}\n`);
    const [, commands = ""] = /```sh\n([\s\S]*?)```/.exec(page) ?? [];
    expect(commands.trim().split("\n")).toHaveLength(3);
    expect(page).not.toMatch(/undefined|\$labels|\$value/);
  });

  test("says the very number that the rule compares with", () => {
    const definition = definitionOf("BackupTooOld");
    expect(definition.when(watched)[0]?.expression.text).toContain(`> ${thresholds.backupAge.value}`);
    expect(runbookPage(definition, [watched], undefined)).toContain(`| limit | ${inWords(thresholds.backupAge)} |`);
  });

  test("names services that are really there", () => {
    expect(runbookPage(definitionOf("DatabaseUnreachable"), [watched], undefined)).toContain("./jlam logs test postgres-shop --since 10m");
  });

  test("keeps what people wrote when it is made again, and makes the rest anew", () => {
    const definition = definitionOf("WebsiteDown");
    const first = runbookPage(definition, [watched], undefined);
    const edited = first.replace("Nothing yet.", "2026-11-03: the certificate.").replace("Visitors get an error", "Somebody's edit");
    const again = runbookPage(definition, [watched], edited);
    expect(again).toContain("2026-11-03: the certificate.");
    expect(again).not.toContain("Somebody's edit");
    expect(runbookPage(definition, [watched], again)).toBe(again);
    expect(again.split(handWritten)).toHaveLength(2);
  });
});
