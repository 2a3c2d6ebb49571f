import type { FileContent } from "../model/storage.ts";
import type { ResolvedMount } from "../resolve/resolved.ts";

/** The texts of the files that synth writes for a mount, near enough to search in; documents are not written as YAML. */
export function fileTexts(mount: ResolvedMount): readonly string[] {
  switch (mount.kind) {
    case "config-file":
      return [textOf(mount.file.content)];
    case "config-directory":
      return Object.values(mount.directory.files).map(textOf);
    case "volume":
    case "host-path":
      return [];
  }
}

const textOf = (content: FileContent): string => (content.kind === "text" ? content.text : JSON.stringify(content.document));
