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

function textOf(content: FileContent): string {
  switch (content.kind) {
    case "text":
      return content.text;
    case "deferred":
      return content.text();
    case "yaml":
    case "json":
      return JSON.stringify(content.document);
  }
}
