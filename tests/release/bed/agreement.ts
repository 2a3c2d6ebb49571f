/** Whether journal, file on disk and proxy tell the same, and what they tell. */
import { createHash } from "node:crypto";
import { colouredName, switchFile } from "@jlam/compose-dsl";
import { readJournal } from "../../../tools/jlam/src/release/journal/journal.ts";
import { confirmSwitch } from "../../../tools/jlam/src/release/switch/confirm.ts";
import { itineraryIn } from "../../../tools/jlam/src/release/machine/on-host.ts";
import { situationOf, type Placed } from "../../../tools/jlam/src/release/machine/situation.ts";
import { environmentName, type ReleaseHost } from "./bed.ts";

export interface Agreement {
  /** What the journal says serves. */
  readonly serving: Placed | undefined;
  /** What disagrees with the journal; empty where nothing does. */
  readonly wrong: readonly string[];
}

/** Looks at all three. */
export async function agreementOn(release: ReleaseHost): Promise<Agreement> {
  const host = await release.open();
  try {
    const { entries, broken } = readJournal(environmentName, await host.journal());
    const { serving, run } = situationOf(entries);
    const wrong: string[] = [...(broken ? [`the journal is broken at ${broken.entry}: ${broken.why}`] : []), ...(run ? [`${run.action} is still at ${run.step} (${run.outcome})`] : [])];
    if (!serving) return { serving, wrong };
    const facts = await host.facts();
    const itinerary = await itineraryIn(host, serving.folder);
    for (const coloured of itinerary.coloured) {
      const text = await host.read(serving.folder, switchFile(coloured.service, serving.colour));
      if (facts.files.get(coloured.file) !== createHash("sha256").update(text).digest("hex")) wrong.push("the file on disk leads elsewhere");
      await confirmSwitch(host, itinerary, coloured, colouredName(coloured.service, serving.colour), 30_000).catch((error: unknown) => wrong.push(String(error)));
    }
    const runs = facts.copies.filter(({ name, status }) => name === colouredName("app", serving.colour) && status === "running").length;
    if (runs !== 1) wrong.push(`${serving.colour} does not run`);
    return { serving, wrong };
  } finally {
    await host.close();
  }
}
