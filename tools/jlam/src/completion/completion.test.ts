import { mkdtempSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { commands } from "../commands.ts";
import { candidates } from "./candidates.ts";
import { completionScript } from "./scripts.ts";

const after = (...words: readonly string[]) => candidates(words, commands);

describe("candidates", { timeout: 30_000 }, () => {
  test("offers commands first", async () => {
    expect(await after("do")).toEqual(["doctor", "down"]);
  });

  test("offers environments where a command takes one", async () => {
    expect(await after("up", "")).toEqual(["ci", "local", "production", "staging"]);
  });

  test("offers the stacks of the environment that was typed, without those that were", async () => {
    const offered = await after("up", "ci", "web", "");
    expect(offered).toContain("edge");
    expect(offered).not.toContain("web");
  });

  test("offers services, of the environment that an option names", async () => {
    expect(await after("exec", "-e", "ci", "sign-in-")).toEqual(["sign-in-stand-in"]);
    expect(await after("exec", "-e", "production", "sign-in-")).toEqual([]);
  });

  test("offers services to a subcommand that takes them", async () => {
    expect(await after("announce", "start", "--environment", "ci", "sign-in-")).toEqual(["sign-in-stand-in"]);
    expect(await after("announce", "")).toEqual(["start", "list", "end"]);
  });

  test("offers databases", async () => {
    expect(await after("psql", "")).toEqual(["app", "auth"]);
  });

  test("offers the values of an option that has a fixed set", async () => {
    expect(await after("psql", "app", "--role", "o")).toEqual(["owner"]);
  });

  test("offers options after a dash", async () => {
    expect(await after("down", "--v")).toEqual(["--volumes"]);
  });

  test("leaves what follows -- to the shell", async () => {
    expect(await after("exec", "web", "--", "")).toEqual([]);
  });

  test("offers nothing for a command that there isn't", async () => {
    expect(await after("nonsense", "")).toEqual([]);
  });
});

describe("the bash script", () => {
  test("hands bash's words over and takes the answers, one per line", async () => {
    const folder = mkdtempSync(join(tmpdir(), "jlam-completion-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const program = join(folder, "jlam");
    writeFileSync(program, `#!/bin/sh\nprintf '%s|' "$@" > ${folder}/asked\nprintf 'one\\ntwo words\\n'\n`);
    chmodSync(program, 0o755);
    writeFileSync(join(folder, "script"), completionScript("bash"));
    const { stdout } = await execa("bash", ["--norc", "-c", `. ${folder}/script; COMP_WORDS=(${program} up ci ""); COMP_CWORD=3; _jlam; printf '<%s>' "\${COMPREPLY[@]}"; cat ${folder}/asked; complete -p ./jlam`]);
    expect(stdout).toBe("<one><two words>completion|words|--|up|ci||complete -o default -F _jlam ./jlam");
  });
});
