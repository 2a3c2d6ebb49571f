/** Docker from the distribution's packages: what to install on this machine, and installing it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { execa } from "execa";
import { PersonError } from "../terminal/failure.ts";
import type { Part } from "./engine.ts";

/** How to get the missing parts: by us, or by the person. `byHand` is a sentence for the person in both cases. */
export type PackagePlan =
  | {
      readonly kind: "apt";
      readonly explanation: string;
      readonly byHand: string;
      readonly packages: readonly string[];
      /** Set where the packages come from a newer release than the machine's. */
      readonly pinned: "trixie" | undefined;
    }
  | { readonly kind: "by-hand"; readonly byHand: string };

const sourceFile = "/etc/apt/sources.list.d/jlam-trixie.sources";
const pinFile = "/etc/apt/preferences.d/jlam-trixie";

/** What of a machine decides how Docker gets onto it. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** ID of /etc/os-release: `debian`, `ubuntu`, … */
  readonly distribution: string;
  /** First number of VERSION_ID; undefined where there is none, as on Debian testing. */
  readonly version: number | undefined;
  readonly root: boolean;
}

/** What to install for the missing parts on this machine. Reads /etc/os-release; changes nothing. */
export function planPackages(missing: readonly Part[]): PackagePlan {
  const release = process.platform === "linux" ? readOsRelease() : {};
  const version = release["VERSION_ID"];
  return planFor(
    {
      platform: process.platform,
      distribution: release["ID"] ?? "",
      version: version === undefined ? undefined : Number.parseInt(version, 10),
      root: process.getuid?.() === 0,
    },
    missing,
  );
}

/** What to install for the missing parts on such a machine. */
export function planFor({ platform, distribution, version, root }: Machine, missing: readonly Part[]): PackagePlan {
  if (platform !== "linux") return byHand("Install Docker Desktop, OrbStack or Colima, start it, and run this again.");
  if (distribution !== "debian" && distribution !== "ubuntu") {
    return byHand("Install Docker for your distribution: https://docs.docker.com/engine/install/");
  }
  const names = packageNames(distribution, missing);
  const tooOld = distribution === "debian" && version !== undefined && version < 13;
  if (tooOld && (version < 12 || !root)) {
    return byHand(`Debian ${version}'s own Docker is too old; follow https://docs.docker.com/engine/install/debian/ and run this again.`);
  }
  if (!root) return byHand(`Run \`sudo apt-get install ${names.join(" ")}\`, and run this again.`);
  return tooOld
    ? apt(names, "trixie", `I will install ${names.join(", ")} from Debian 13 (suite trixie, pinned to priority 100).`)
    : apt(names, undefined, `I will install ${names.join(", ")} with apt-get.`);
}

/** Runs the plan. Throws a PersonError with apt's last lines where it fails. */
export async function installPackages(plan: PackagePlan & { kind: "apt" }, say: (line: string) => void): Promise<void> {
  const started = Date.now();
  if (plan.pinned !== undefined) await addPinnedSource(plan.pinned);
  say("Reading the package lists…");
  await aptGet(["update"]);
  say(`Installing ${plan.packages.join(", ")}…`);
  await aptGet([
    "install",
    "--yes",
    "--no-install-recommends",
    ...plan.packages.map((name) => (plan.pinned === undefined ? name : `${name}/${plan.pinned}`)),
    // iptables is only recommended by docker.io, and without it no network can be made.
    "iptables",
  ]);
  await linkPlugins();
  say(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}

function packageNames(distribution: "debian" | "ubuntu", missing: readonly Part[]): readonly string[] {
  const compose = distribution === "ubuntu" ? "docker-compose-v2" : "docker-compose";
  const client = distribution === "ubuntu" ? [] : ["docker-cli"];
  // An engine that answers is left alone: then only the plugins come.
  const engine = missing.includes("server") ? ["docker.io", ...client] : missing.includes("client") ? client : [];
  return [...engine, compose, "docker-buildx"];
}

function apt(packages: readonly string[], pinned: "trixie" | undefined, explanation: string): PackagePlan {
  return {
    kind: "apt",
    packages,
    pinned,
    explanation,
    byHand: `Install it by hand (${packages.join(", ")}) or follow https://docs.docker.com/engine/install/, and run this again.`,
  };
}

function byHand(sentence: string): PackagePlan {
  return { kind: "by-hand", byHand: sentence };
}

/** Adds the newer release beside the machine's own, from the same mirror and key, so low that nothing else moves. */
async function addPinnedSource(suite: "trixie"): Promise<void> {
  if (existsSync(sourceFile) && existsSync(pinFile)) return;
  const { main, keyring } = await debianMirrors();
  writeFileSync(
    sourceFile,
    [
      "# Written by jlam: Docker's packages for Debian 12 come from Debian 13.",
      "Types: deb",
      `URIs: ${main}`,
      `Suites: ${suite}`,
      "Components: main",
      `Signed-By: ${keyring}`,
      "",
    ].join("\n"),
  );
  writeFileSync(pinFile, `Package: *\nPin: release n=${suite}\nPin-Priority: 100\n`);
}

/**
 * Debian's mirrors and keys as this machine's apt has them, whatever the format of its source files; Debian's own
 * where the machine isn't a Debian.
 */
export async function debianMirrors(): Promise<{ main: string; security: string; keyring: string }> {
  const format = "$(REPO_URI)|$(LABEL)|$(COMPONENT)";
  const targets = await execa("apt-get", ["indextargets", "--format", format, "Created-By: Packages"], { reject: false });
  const own = (label: string) =>
    targets.stdout.split("\n").find((line) => line.endsWith(`|${label}|main`))?.split("|")[0];
  const sources = "/etc/apt/sources.list.d/debian.sources";
  const keyring = existsSync(sources) ? /^Signed-By: *(\/\S+)$/m.exec(readFileSync(sources, "utf8"))?.[1] : undefined;
  return {
    main: own("Debian") ?? "http://deb.debian.org/debian",
    security: own("Debian-Security") ?? "http://deb.debian.org/debian-security",
    keyring: keyring ?? "/usr/share/keyrings/debian-archive-keyring.gpg",
  };
}

/**
 * Makes sure that `program` is there; on Debian and Ubuntu as root its packages are installed without asking, because
 * they are small and run nothing. Throws a PersonError elsewhere.
 */
export async function ensureTool(program: string, packages: readonly string[], say: (line: string) => void): Promise<void> {
  if (isInstalled(program)) return;
  if (!existsSync("/usr/bin/apt-get") || process.getuid?.() !== 0) {
    throw new PersonError(`${program} is needed here, and is not installed.`, {
      fix: `Install ${packages.join(" and ")}, for example with \`sudo apt-get install ${packages.join(" ")}\`.`,
    });
  }
  say(`installing ${packages.join(", ")}`);
  await aptGet(["update"]);
  await aptGet(["install", "--yes", "--no-install-recommends", ...packages]);
}

/** Whether a program is in PATH, or where root's programs are. */
export function isInstalled(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/usr/bin"];
  return folders.some((folder) => folder !== "" && existsSync(`${folder}/${program}`));
}

/** Where the client that is first in PATH doesn't look in the packages' plugin folder, a link lets it find them. */
async function linkPlugins(): Promise<void> {
  const target = "/usr/local/lib/docker/cli-plugins";
  for (const plugin of ["docker-compose", "docker-buildx"]) {
    const { failed } = await execa("docker", [plugin.replace("docker-", ""), "version"], { reject: false });
    const found = ["/usr/libexec/docker/cli-plugins", "/usr/lib/docker/cli-plugins"]
      .map((folder) => `${folder}/${plugin}`)
      .find((path) => existsSync(path));
    if (failed && found !== undefined) {
      await execa("mkdir", ["-p", target]);
      await execa("ln", ["-sf", found, `${target}/${plugin}`]);
    }
  }
}

async function aptGet(args: readonly string[]): Promise<void> {
  const result = await execa("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=300", ...args], {
    reject: false,
    all: true,
    stdin: "ignore",
    timeout: 15 * 60_000,
    env: { DEBIAN_FRONTEND: "noninteractive" },
  });
  if (!result.failed) return;
  throw new PersonError(`apt-get ${args[0] ?? ""} failed.`, {
    why: result.all.trimEnd().split("\n").slice(-12).join("\n"),
    fix: "Repair what apt-get complains about, and run this again.",
  });
}

function readOsRelease(): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return {};
  }
}
