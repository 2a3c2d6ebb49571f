/** All pages, by their path from the repository's root. */
import { definitions } from "../alerts/index.ts";
import { runbookPath } from "../alerts/rules-file.ts";
import type { Watched } from "../watched/watched.ts";
import { runbookPage } from "./runbook.ts";

/**
 * One page for each alert.
 * @param before what stands at a path now; undefined where nothing does
 */
export const runbookPages = (environments: readonly Watched[], before: (path: string) => string | undefined): ReadonlyMap<string, string> =>
  new Map(definitions.map((definition) => [runbookPath(definition.name), runbookPage(definition, environments, before(runbookPath(definition.name)))]));
