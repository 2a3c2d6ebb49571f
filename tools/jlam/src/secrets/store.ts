/** The secret values of one environment of this machine, by id, in one file that only its owner may read. */
import { z } from "zod";
import { PersonError } from "../terminal/failure.ts";
import { readIfThere, writePrivately } from "./private-file.ts";

const schema = z.strictObject({
  version: z.literal(1),
  values: z.record(
    z.string(),
    z.strictObject({
      value: z.string().min(1),
      /** When it was made, in UTC; rotation counts its age from here. */
      made: z.iso.datetime(),
    }),
  ),
});

export type SecretStore = z.infer<typeof schema>;

const emptyStore: SecretStore = { version: 1, values: {} };

/**
 * Reads the store; an absent one is empty.
 * @throws PersonError for one that can't be understood: it is never overwritten, since databases know its passwords
 */
export function readStore(path: string): SecretStore {
  const text = readIfThere(path);
  if (text === undefined) return emptyStore;
  const problem = (why: string) =>
    new PersonError("The secrets of this environment can't be read.", {
      where: path,
      why,
      fix: "Repair the file, or remove it together with the data that was made with it (`jlam down --volumes`).",
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own message would quote from the file.
    throw problem("It is no JSON.");
  }
  const checked = schema.safeParse(parsed);
  if (!checked.success) throw problem(checked.error.issues.map(({ path: keys, message }) => `${keys.join(".")}: ${message}`).join("\n"));
  return checked.data;
}

/** Writes the store with mode 0600 into a private folder, at once. */
export function writeStore(path: string, store: SecretStore): void {
  const sorted = Object.fromEntries(Object.entries(store.values).sort(([a], [b]) => (a < b ? -1 : 1)));
  writePrivately(path, `${JSON.stringify({ version: store.version, values: sorted }, undefined, 2)}\n`);
}
