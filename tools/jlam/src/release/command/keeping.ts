/** Keeps an environment's journal off its host, signed, when an undertaking has ended. */
import type { LockedHeads } from "../journal/locked-heads.ts";
import { headFile } from "../journal/journal.ts";
import { keepJournal } from "../journal/kept.ts";
import type { ReleaseRepository } from "../record/repository.ts";
import { namespaces, sign } from "../record/signature.ts";
import { say } from "../../terminal/output.ts";
import { messageOf } from "../../terminal/failure.ts";

export interface Keeping {
  readonly repository: ReleaseRepository;
  readonly environment: string;
  /** SSH key to sign with. */
  readonly key: string;
  /** Opens the second home of heads; undefined from it where the environment has none. */
  readonly bucket: () => Promise<LockedHeads | undefined>;
}

/**
 * A function for `Manner.keep`: the journal goes to the release repository, its head to the locked bucket too. What can't
 * be kept is said, and doesn't undo what was released: the journal is on the host, and the next undertaking keeps all of it.
 */
export const keeper =
  ({ repository, environment, key, bucket }: Keeping) =>
  async (journal: string): Promise<void> => {
    let signature = "";
    const signed = async (head: string): Promise<string> => (signature = await sign(head, key, namespaces.journal));
    try {
      const head = await keepJournal(repository, environment, journal, signed);
      await keepHead(bucket, head, signature);
    } catch (error) {
      say(`The journal could not be kept off the host: ${messageOf(error)}`);
    }
  };

async function keepHead(bucket: Keeping["bucket"], head: Awaited<ReturnType<typeof keepJournal>>, signature: string): Promise<void> {
  try {
    const heads = await bucket();
    await heads?.keep(head, { text: headFile(head), signature });
  } catch (error) {
    say(`The journal's head is in the release repository, and could not be locked into the bucket: ${messageOf(error)}`);
  }
}
