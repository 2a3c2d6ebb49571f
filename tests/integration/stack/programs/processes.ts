/** Runs as root inside a container's process namespace: prints what can be seen of its processes and its file system. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process has ended since it was listed.
    return "";
  }
}

/** What writing a file below the container's own root comes to: "written", or the error's code. */
function write(folder: string): string {
  const path = `/proc/1/root${folder}/jlam-probe`;
  try {
    writeFileSync(path, "");
    rmSync(path);
    return "written";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

const status = read("/proc/1/status");
const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
const own = String(process.pid);
const processes = readdirSync("/proc")
  .filter((name) => /^\d+$/.test(name) && name !== own)
  .map((pid) => ({ cmdline: read(`/proc/${pid}/cmdline`), environ: read(`/proc/${pid}/environ`) }));

process.stdout.write(
  JSON.stringify({
    // Real, effective, saved and file-system user.
    users: field("Uid").split(/\s+/).map(Number),
    groups: field("Gid").split(/\s+/).map(Number),
    capabilities: { effective: field("CapEff"), permitted: field("CapPrm"), bounding: field("CapBnd") },
    noNewPrivileges: field("NoNewPrivs") === "1",
    writing: { root: write(""), etc: write("/etc"), usr: write("/usr"), temporary: write("/tmp") },
    processes,
  }),
);
