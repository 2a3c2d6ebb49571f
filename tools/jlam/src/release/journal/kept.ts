/** The copy of an environment's journal in the release repository, off the host, with its head signed by whoever wrote it. */
import { PersonError } from "../../terminal/failure.ts";
import { addFiles, fileAt, type ReleaseRepository, type Snapshot } from "../record/repository.ts";
import { headFile, headOf, readHead, readJournal, type JournalHead, type ReadJournal } from "./journal.ts";

const folder = (environment: string): string => `journals/${environment}`;

export interface KeptJournal extends ReadJournal {
  readonly environment: string;
  /** The whole text, as JSON lines. */
  readonly text: string;
  /** Undefined: none was ever kept. */
  readonly head: JournalHead | undefined;
  /** The head's file, which is what its signature is over. */
  readonly headText: string;
  readonly signature: string;
}

/** Reads the kept journal, checked against the kept head. */
export async function keptJournal(from: Snapshot, environment: string): Promise<KeptJournal> {
  const [text = "", headText, signature = ""] = await Promise.all([fileAt(from, `${folder(environment)}/journal.jsonl`), fileAt(from, `${folder(environment)}/head.json`), fileAt(from, `${folder(environment)}/head.json.sig`)]);
  if (headText === undefined) return { environment, text, head: undefined, headText: "", signature, ...(text === "" ? { entries: [], broken: undefined } : { entries: [], broken: { entry: 1, why: "its head is missing" } }) };
  const head = headIn(headText, environment);
  const read = readJournal(environment, text, head);
  const beyond = read.broken === undefined && read.entries.length > head.entries;
  return { environment, text, head, headText, signature, ...(beyond ? { entries: read.entries.slice(0, head.entries), broken: { entry: head.entries + 1, why: "nobody signed for it: the head ends before it" } } : read) };
}

function headIn(text: string, environment: string): JournalHead {
  try {
    const head = readHead(text);
    if (head.environment === environment) return head;
  } catch {
    // Told below, like a head of another environment.
  }
  throw new PersonError(`The kept head of ${environment}'s journal can't be understood.`, { where: `${folder(environment)}/head.json`, fix: "Somebody changed it: `git log -p refs/jlam/releases -- journals` says who." });
}

/**
 * Keeps the journal of a host, with a signature over its head. It must go on where the kept one ends: a journal that was
 * cut or written anew is refused, and what is kept stays as the proof.
 * @throws PersonError where it doesn't
 */
export async function keepJournal(repository: ReleaseRepository, environment: string, text: string, sign: (headText: string) => Promise<string>): Promise<JournalHead> {
  const whole = readJournal(environment, text);
  if (whole.broken) throw mismatch(environment, whole.broken.entry, whole.broken.why);
  const head = headOf(environment, whole.entries);
  const headText = headFile(head);
  const signature = await sign(headText);
  await addFiles(repository, `Journal of ${environment}: ${head.entries} entries`, async (current) => {
    const kept = await keptJournal(current, environment);
    const read = readJournal(environment, text, kept.head);
    if (read.broken) throw mismatch(environment, read.broken.entry, read.broken.why);
    // Signatures differ from one another even over the same head; a head that is kept needs no second one.
    if (kept.headText === headText && kept.signature !== "") return [];
    return [
      { path: `${folder(environment)}/journal.jsonl`, text, replaces: true },
      { path: `${folder(environment)}/head.json`, text: headText, replaces: true },
      { path: `${folder(environment)}/head.json.sig`, text: signature, replaces: true },
    ];
  });
  return head;
}

function mismatch(environment: string, entry: number, why: string): PersonError {
  return new PersonError(`The journal of ${environment} isn't the one that was kept off its host: it is broken at entry ${entry}.`, {
    why,
    fix: `Somebody changed it there. What is kept stays as it is: compare them with \`jlam history verify ${environment} --journal FILE\`, and keep the host's file as evidence.`,
  });
}
