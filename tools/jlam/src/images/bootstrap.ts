/** A Debian base image made from packages alone: mmdebstrap, then `docker import`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { debianMirrors, ensureTool } from "../machine/packages.ts";
import { PersonError } from "../terminal/failure.ts";

export interface BootstrapBuild {
  readonly tag: string;
  readonly suite: string;
  readonly include: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly report: (line: string) => void;
}

/** Left out of the image, and of every image built from it: dpkg keeps these rules. Licences stay. */
const dpkgRules = [
  "path-exclude=/usr/share/man/*",
  "path-exclude=/usr/share/info/*",
  "path-exclude=/usr/share/locale/*",
  "path-exclude=/usr/share/doc/*",
  "path-include=/usr/share/doc/*/copyright",
];

/** Makes the image. Throws a PersonError where mmdebstrap isn't there and can't be installed, or fails. */
export async function bootstrap(build: BootstrapBuild): Promise<void> {
  await ensureTool("mmdebstrap", ["mmdebstrap", "debian-archive-keyring"], build.report);
  const folder = await mkdtemp(join(tmpdir(), "jlam-base-"));
  try {
    const archive = join(folder, "base.tar");
    const { main, security, keyring } = await debianMirrors();
    const made = await execa(
      "mmdebstrap",
      [
        "--variant=apt",
        `--include=${build.include.join(",")}`,
        ...dpkgRules.map((rule) => `--dpkgopt=${rule}`),
        '--aptopt=APT::Install-Recommends "false"',
        build.suite,
        archive,
        `deb [signed-by=${keyring}] ${main} ${build.suite} main`,
        `deb [signed-by=${keyring}] ${main} ${build.suite}-updates main`,
        `deb [signed-by=${keyring}] ${security} ${build.suite}-security main`,
      ],
      { reject: false, all: true, timeout: 15 * 60_000, stdin: "ignore" },
    );
    if (made.failed) throw failure("mmdebstrap could not make the Debian base.", made.all);
    build.report("importing");
    const labels = Object.entries(build.labels).map(([name, value]) => `LABEL ${name}=${JSON.stringify(value)}`);
    const changes = ["CMD [\"bash\"]", ...labels].flatMap((change) => ["--change", change]);
    const imported = await execa("docker", ["import", ...changes, archive, build.tag], { reject: false, all: true });
    if (imported.failed) throw failure("Docker could not import the Debian base.", imported.all);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function failure(what: string, output: string): PersonError {
  return new PersonError(what, { why: output.trimEnd().split("\n").slice(-12).join("\n") });
}
