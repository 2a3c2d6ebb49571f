/** What `synth` says, in words. */
import type { SynthResult } from "./synthesise.ts";

/** One line per environment, and the files that keep it from being done. */
export function synthReport(results: readonly SynthResult[], check: boolean): { readonly lines: readonly string[]; readonly failed: boolean } {
  const lines: string[] = [];
  for (const { environment, changed, removed, unchanged, editedByHand, upToDate, written } of results) {
    const files = `environments/${environment}/generated`;
    if (written) lines.push(`✔ ${environment}: ${changed.length} written, ${removed.length} removed, ${unchanged} unchanged`);
    else if (upToDate) lines.push(`✔ ${environment}: ${unchanged} files, nothing changed`);
    else if (editedByHand.length > 0) {
      lines.push(
        `✖ ${environment}: ${list(editedByHand, files)} edited by hand since the last synth`,
        "  Nothing was written, so that the edit isn't lost.",
        "  Say it in the declarations instead and run `jlam synth --overwrite`.",
      );
    } else lines.push(`✖ ${environment}: ${list([...changed, ...removed], files)} differ from the declarations`, ...(check ? ["  Run `jlam synth` and commit the result."] : []));
  }
  return { lines, failed: results.some(({ upToDate }) => !upToDate) };
}

function list(paths: readonly string[], folder: string): string {
  const shown = paths.slice(0, 5).map((path) => `${folder}/${path}`);
  return shown.join(", ") + (paths.length > shown.length ? ` and ${paths.length - shown.length} more` : "");
}
