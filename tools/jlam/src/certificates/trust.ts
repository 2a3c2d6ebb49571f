/** Tells a person how to make a machine trust the local authority. */

/** Kinds of machine whose trust store we know. */
export type TrustPlatform = "macos" | "debian" | "fedora" | "windows" | "wsl" | "firefox";

const names: Readonly<Record<TrustPlatform, string>> = {
  macos: "macOS (Safari, Chrome, curl)",
  debian: "Debian and Ubuntu (curl, most programs)",
  fedora: "Fedora (all programs)",
  windows: "Windows (Edge, Chrome)",
  wsl: "WSL (the browser runs on Windows)",
  firefox: "Firefox (has a list of its own on Linux)",
};

/**
 * Commands, and where there are none clicks, that make `platform` trust the authority, as text of several lines. The
 * authority can speak for the local domain only (its certificate says so), so trusting it risks nothing elsewhere.
 *
 * @param caCertificate path of the authority's certificate
 */
export function trustInstructions(platform: TrustPlatform, caCertificate: string): string {
  return [`${names[platform]}:`, ...steps(platform, quoted(caCertificate)).map((step) => `  ${step}`)].join("\n");
}

function steps(platform: TrustPlatform, path: string): readonly string[] {
  switch (platform) {
    case "macos":
      return [`security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db ${path}`];
    case "debian":
      return [
        `sudo cp ${path} /usr/local/share/ca-certificates/jlam-local.crt && sudo update-ca-certificates`,
        "Chrome reads a list of its own (package libnss3-tools):",
        `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n jlam-local -i ${path}`,
      ];
    case "fedora":
      return [`sudo trust anchor --store ${path}`];
    case "windows":
      return ["in a PowerShell of your own user:", `Import-Certificate -CertStoreLocation Cert:\\CurrentUser\\Root -FilePath ${path}`];
    case "wsl":
      return [
        `powershell.exe -Command "Import-Certificate -CertStoreLocation Cert:\\CurrentUser\\Root -FilePath '$(wslpath -w ${path})'"`,
        "and for curl and other programs inside WSL, as on Debian:",
        `sudo cp ${path} /usr/local/share/ca-certificates/jlam-local.crt && sudo update-ca-certificates`,
      ];
    case "firefox":
      return [
        "Settings → Privacy & Security → Certificates → View Certificates → Authorities → Import:",
        path,
        "tick “Trust this CA to identify websites”.",
      ];
    default:
      return platform satisfies never;
  }
}

/**
 * The platforms whose instructions belong on this machine, the likeliest first.
 *
 * @param machine `process.platform`, the text of /etc/os-release (empty where there is none), and of /proc/version
 */
export function trustPlatforms(machine: { readonly platform: NodeJS.Platform; readonly osRelease: string; readonly kernel: string }): readonly TrustPlatform[] {
  if (machine.platform === "darwin") return ["macos", "firefox"];
  if (machine.platform === "win32") return ["windows", "firefox"];
  if (/microsoft/i.test(machine.kernel)) return ["wsl", "firefox"];
  const family = /^ID(?:_LIKE)?=.*\b(fedora|rhel)\b/m.test(machine.osRelease) ? "fedora" : "debian";
  return [family, "firefox"];
}

/** In single quotes for a shell where the path has more than plain characters. */
function quoted(path: string): string {
  return /^[\w./\\:-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
