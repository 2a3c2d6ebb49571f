import { describe, expect, test } from "vitest";
import { trustInstructions, trustPlatforms } from "./trust.ts";

describe("how to trust the authority", () => {
  test.each([
    ["macOS", { platform: "darwin", osRelease: "", kernel: "" }, "macos"],
    ["Windows", { platform: "win32", osRelease: "", kernel: "" }, "windows"],
    ["WSL", { platform: "linux", osRelease: "ID=ubuntu\nID_LIKE=debian\n", kernel: "Linux version 6.6.87-microsoft-standard-WSL2" }, "wsl"],
    ["Ubuntu", { platform: "linux", osRelease: "ID=ubuntu\nID_LIKE=debian\n", kernel: "Linux version 6.8" }, "debian"],
    ["Fedora", { platform: "linux", osRelease: "ID=fedora\n", kernel: "Linux version 6.8" }, "fedora"],
    ["Rocky Linux", { platform: "linux", osRelease: 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', kernel: "" }, "fedora"],
  ] as const)("%s gets its own instructions, then Firefox's", (_name, machine, expected) => {
    expect(trustPlatforms(machine)).toEqual([expected, "firefox"]);
  });

  test("a path with spaces is quoted for the shell", () => {
    expect(trustInstructions("fedora", "/home/an na/it's.pem")).toBe(
      "Fedora (all programs):\n  sudo trust anchor --store '/home/an na/it'\\''s.pem'",
    );
  });

  test("every platform names the file", () => {
    for (const platform of ["macos", "debian", "fedora", "windows", "wsl", "firefox"] as const) {
      expect(trustInstructions(platform, "/ca/authority.pem")).toContain("/ca/authority.pem");
    }
  });
});
