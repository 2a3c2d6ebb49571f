import { dump } from "js-yaml";
import type { FileContent } from "../model/storage.ts";

/** YAML as people like to read it: no anchors, no folding, keys in the order in which they were written. */
export const yamlText = (document: unknown): string => dump(document, { noRefs: true, lineWidth: -1 });

/** The text of a file that a stack declares. */
export function fileText(content: FileContent): string {
  switch (content.kind) {
    case "text":
      return content.text.endsWith("\n") ? content.text : `${content.text}\n`;
    case "deferred":
      return content.text();
    case "yaml":
      return yamlText(content.document);
    case "json":
      return `${JSON.stringify(content.document, undefined, 2)}\n`;
  }
}
