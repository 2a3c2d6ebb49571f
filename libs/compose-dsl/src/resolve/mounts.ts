import type { ServiceNode } from "../model/service.ts";
import type { ResolvedMount } from "./resolved.ts";

/** Folder of a service's emitted files, beside the Compose files. */
const filesFolder = (service: string): string => `files/${service}`;

/** What a container sees at which path; files that synth writes stand below `files/<service>/` as they do in the container. */
export function resolveMounts({ name, mounts }: ServiceNode): readonly ResolvedMount[] {
  return Object.entries(mounts).map(([path, mount]): ResolvedMount => {
    const emitted = `${filesFolder(name)}${path}`;
    switch (mount.kind) {
      case "volume":
        return { kind: "volume", path, volume: mount };
      case "host-path":
        return { kind: "host-path", path, source: mount };
      case "config-file":
        return { kind: "config-file", path, file: mount, emitted };
      case "config-directory":
        return { kind: "config-directory", path, directory: mount, emitted };
    }
  });
}
