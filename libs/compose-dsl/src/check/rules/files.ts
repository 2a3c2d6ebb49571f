import type { ResolvedMount } from "../../resolve/resolved.ts";
import type { Rule } from "../rule.ts";

export const mountPath: Rule = {
  name: "mount-path",
  severity: "error",
  why: "a container sees one thing at a path; Docker refuses a second one, or hides the first",
  *check({ services }) {
    for (const { name, node, mounts } of services.values()) {
      const known = new Map<string, string>();
      const paths = [...mounts.map(({ path }) => [path, "mounts"] as const), ...Object.keys(node.tmpfs).map((path) => [path, "tmpfs"] as const)];
      for (const [path, where] of paths) {
        const other = known.get(path);
        if (!/^(\/[^/\0]+)+$/.test(path) || path.split("/").some((segment) => segment === "." || segment === "..")) {
          yield { subject: `${name} ${path}`, message: `"${path}" in ${where} of "${name}" is not a plain absolute path`, fix: "begin with a slash, end without one, and leave out . and ..", at: node.at };
        } else if (path === "/run/secrets" || path.startsWith("/run/secrets/")) {
          yield { subject: `${name} ${path}`, message: `${where} of "${name}" covers ${path}, where its secrets are`, fix: "use another path", at: node.at };
        } else if (other !== undefined) {
          yield { subject: `${name} ${path}`, message: `"${name}" has ${path} in ${other} and in ${where}`, fix: "keep one of them", at: node.at };
        }
        known.set(path, where);
      }
    }
  },
};

export const fileClash: Rule = {
  name: "file-clash",
  severity: "error",
  why: "synth would write two files to one place, and only the last would be there",
  *check({ services, proxy, routes }) {
    const ofProxy = ["middlewares.yaml", "sign-in.yaml", ...new Set(routes.filter(({ via }) => via === "file").map(({ service }) => `${service}.yaml`))];
    for (const { name, node, mounts } of services.values()) {
      const known = new Map<string, string>();
      for (const mount of mounts) {
        for (const [emitted, path] of emittedFiles(mount, name === proxy?.service.name && mount.path === proxy.directory ? ofProxy : [])) {
          const other = known.get(emitted);
          if (other !== undefined) {
            yield {
              subject: `${name} ${path}`,
              message: `the files at ${other} and ${path} of "${name}" would both be written to ${emitted}`,
              fix: "give one of them another file name",
              at: node.at,
            };
          }
          known.set(emitted, path);
        }
      }
    }
  },
};

/** What is written for a mount, with its path in the container; `derived` are files that synth adds to it. */
function emittedFiles(mount: ResolvedMount, derived: readonly string[]): readonly (readonly [emitted: string, path: string])[] {
  switch (mount.kind) {
    case "config-file":
      return [[mount.emitted, mount.path]];
    case "config-directory":
      return [...Object.keys(mount.directory.files), ...derived].map((file) => [`${mount.emitted}/${file}`, `${mount.path}/${file}`]);
    case "volume":
    case "host-path":
      return [];
  }
}
