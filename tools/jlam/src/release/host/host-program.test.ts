/** host.sh in a folder of this machine: the lock, the journal and files, for which no Docker is needed. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const missing = process.platform === "linux" ? undefined : "host.sh needs Linux's flock";
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "jlam-host-program-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const host = (args: readonly string[], input = "", path = process.env["PATH"]) => {
  const { status, stdout, stderr } = spawnSync("sh", [join(import.meta.dirname, "host.sh"), root, ...args], { input, encoding: "utf8", timeout: 60_000, env: { ...process.env, PATH: path } });
  return { status, stdout, stderr };
};
const claim = (lease = "60", who = "ann"): string => host(["claim", lease, who, "deploy"]).stdout.trim();

describe.skipIf(missing !== undefined)(`host.sh${missing === undefined ? "" : ` (not run: ${missing})`}`, { timeout: 60_000 }, () => {
  test("gives the lock to one, and tells others who has it", () => {
    expect(claim()).toBe("1");
    expect(host(["claim", "60", "bob", "rollback"])).toMatchObject({ status: 3, stdout: expect.stringMatching(/^ann\ndeploy\n\d+\n$/) });
  });

  test("gives the lock anew when its lease has ended, and refuses whoever had it", () => {
    const old = claim("0");
    const token = claim("60", "bob");
    expect([old, token]).toEqual(["1", "2"]);
    expect(host(["append", old, "0"], "late\n")).toMatchObject({ status: 3, stderr: expect.stringContaining("the lock is bob's by now") });
    expect(host(["renew", old, "60"]).status).toBe(3);
    expect(host(["free", old]).status).toBe(3);
    expect(host(["append", token, "0"], "in time\n").status).toBe(0);
    expect(readFileSync(join(root, "journal.jsonl"), "utf8")).toBe("in time\n");
  });

  test("never gives a token twice, even after the lock was freed", () => {
    host(["free", claim()]);
    expect(claim()).toBe("2");
  });

  test("adds to the journal only where it is what the writer read", () => {
    const token = claim();
    expect(host(["append", token, "0"], "one\n").status).toBe(0);
    expect(host(["append", token, "0"], "two\n")).toMatchObject({ status: 1, stderr: expect.stringContaining("the journal has 4 bytes and not 0") });
    expect(readFileSync(join(root, "journal.jsonl"), "utf8")).toBe("one\n");
  });

  test("takes away a last line that was cut, and nothing else", () => {
    writeFileSync(join(root, "journal.jsonl"), 'one\ntwo\n{"cut');
    expect(host(["mend", claim()]).status).toBe(0);
    expect(readFileSync(join(root, "journal.jsonl"), "utf8")).toBe("one\ntwo\n");
    expect(host(["mend", "1"]).status).toBe(0);
    expect(readFileSync(join(root, "journal.jsonl"), "utf8")).toBe("one\ntwo\n");
  });

  test("puts a file at its place at once, without leaving its draft", () => {
    const token = claim();
    spawnSync("sh", ["-c", `mkdir -p ${root}/releases/r/switch/green && echo new > ${root}/releases/r/switch/green/web.yaml`]);
    expect(host(["place", token, "r", "switch/green/web.yaml", "files/dynamic/web.yaml"]).status).toBe(0);
    expect(spawnSync("ls", [join(root, "live/files/dynamic")], { encoding: "utf8" }).stdout).toBe("web.yaml\n");
  });

  test("brings configuration to that of a release but for what a switch writes, and names services whose secrets changed", () => {
    const token = claim();
    spawnSync("sh", ["-c", `cd ${root} && mkdir -p releases/r/files/a releases/r/secrets/db live/files/a secrets/db && echo 1 > releases/r/files/a/same && echo 1 > live/files/a/same && echo new > releases/r/files/a/changed && echo old > live/files/a/changed && echo gone > live/files/a/stranger && echo switched > live/files/a/web.yaml && echo other > releases/r/files/a/web.yaml && echo s2 > releases/r/secrets/db/PASSWORD && echo s1 > secrets/db/PASSWORD && mkdir -p releases/r/secrets/fresh && echo s > releases/r/secrets/fresh/KEY`]);
    expect(host(["live", token, "r", "files/a/web.yaml"])).toMatchObject({ status: 0, stdout: "db\n" });
    const now = spawnSync("sh", ["-c", `cd ${root} && grep -r . live secrets | sort`], { encoding: "utf8" }).stdout;
    expect(now).toBe("live/files/a/changed:new\nlive/files/a/same:1\nlive/files/a/web.yaml:switched\nsecrets/db/PASSWORD:s2\nsecrets/fresh/KEY:s\n");
  });

  test("removes releases that nobody needs, and half a one that an upload left", () => {
    const token = claim();
    spawnSync("sh", ["-c", `cd ${root} && mkdir -p releases/kept releases/old releases/.half && touch releases/kept/host.env`]);
    expect(host(["prune", token, "kept"]).status).toBe(0);
    expect(spawnSync("ls", ["-A", join(root, "releases")], { encoding: "utf8" }).stdout).toBe("kept\n");
  });

  describe("runs a program in a copy of a service", () => {
    /** An engine with one container, in which programs are this machine's own. */
    const withEngine = (): string => {
      mkdirSync(join(root, "bin"));
      writeFileSync(join(root, "bin/docker"), '#!/bin/sh\ncase "$1 $*" in ps*service=backup*) echo c0ffee ;; exec*) shift 2; exec "$@" ;; esac\n', { mode: 0o755 });
      return `${join(root, "bin")}:${process.env["PATH"] ?? ""}`;
    };

    test("and hands on what it writes", () => {
      const [path, token] = [withEngine(), claim()];
      expect(host(["inside", token, "backup", "echo", "two words", "$HOME"], "", path)).toMatchObject({ status: 0, stdout: "two words $HOME\n" });
    });

    test("and of its exit codes only the one that asks to try again later, since others have a meaning here", () => {
      const [path, token] = [withEngine(), claim()];
      const ending = (code: number) => host(["inside", token, "backup", "sh", "-c", `echo why >&2; exit ${code}`], "", path);
      expect(ending(75)).toMatchObject({ status: 75, stderr: "why\n" });
      expect(ending(3)).toMatchObject({ status: 1, stderr: "why\n" });
      expect(ending(1).status).toBe(1);
    });

    test("and keeps nobody from acting meanwhile", () => {
      const [path, token] = [withEngine(), claim()];
      expect(host(["inside", token, "backup", "flock", "--nonblock", join(root, "actions.mutex"), "echo", "free"], "", path)).toMatchObject({ status: 0, stdout: "free\n" });
    });

    test("only for whoever holds the lock, and only where one runs", () => {
      const [path, token] = [withEngine(), claim()];
      expect(host(["inside", "7", "backup", "true"], "", path).status).toBe(3);
      expect(host(["inside", token, "web", "true"], "", path)).toMatchObject({ status: 1, stderr: "web does not run on this host\n" });
    });
  });

  describe("starts services of a release", () => {
    /** An engine that writes down what it is told. Containers `c-…` of release `r` are there; those of `broken` don't start. */
    const withEngine = (...there: readonly string[]): string => {
      mkdirSync(join(root, "bin"));
      mkdirSync(join(root, "releases/r"), { recursive: true });
      const listed = there.map((service) => `c-${service} ${service}`).join("\\n");
      const program = [
        "#!/bin/sh",
        `echo "$*" >>${root}/told`,
        'case "$1 $*" in',
        `  ps*config_files=${root}/releases/r/compose.yaml*) printf '${listed}\\n' ;;`,
        '  start*broken*) exit 1 ;;',
        '  compose*" config "*) echo "web-blue h1"; echo "other h2" ;;',
        "esac",
      ];
      writeFileSync(join(root, "bin/docker"), `${program.join("\n")}\n`, { mode: 0o755 });
      return `${join(root, "bin")}:${process.env["PATH"] ?? ""}`;
    };
    const told = (): string => readFileSync(join(root, "told"), "utf8");

    test("of a colour as they are where it made them and they only stopped, without asking Compose", () => {
      const [path, token] = [withEngine("web-blue", "web-blue-2", "api-blue"), claim()];
      expect(host(["start", token, "r", "", "blue", "web-blue", "api-blue"], "", path).status).toBe(0);
      expect(told()).toMatch(/^start c-web-blue c-api-blue$/m);
      expect(told()).not.toContain("compose --");
      expect(readFileSync(join(root, "colours/blue"), "utf8")).toBe("r\n");
    });

    test.each([
      ["one of a colour isn't there", ["web-blue"], ["", "blue"], ["web-blue", "api-blue"]],
      ["one of a colour doesn't start", ["broken"], ["", "blue"], ["broken"]],
      ["they have no colour", ["postgres"], ["", ""], ["postgres"]],
      ["they are to be made anew", ["postgres"], ["--force-recreate", ""], ["postgres"]],
    ] as const)("by Compose where %s", (_, there, [options, colour], services) => {
      const [path, token] = [withEngine(...there), claim()];
      expect(host(["start", token, "r", options, colour, ...services], "", path).status).toBe(0);
      expect(told()).toMatch(new RegExp(`^compose .* up --detach .*${options} ${services.join(" ")}$`, "m"));
    });

    test("and notes by which definition Compose made them, of no others", () => {
      const [path, token] = [withEngine(), claim()];
      expect(host(["start", token, "r", "", "", "web-blue"], "", path).status).toBe(0);
      expect(readFileSync(join(root, "definitions/web-blue"), "utf8")).toBe("h1\n");
      expect(spawnSync("ls", [join(root, "definitions")], { encoding: "utf8" }).stdout).toBe("web-blue\n");
    });
  });

  test("knows no other command", () => {
    expect(host(["reboot"])).toMatchObject({ status: 1, stderr: "there is no command reboot\n" });
  });
});
