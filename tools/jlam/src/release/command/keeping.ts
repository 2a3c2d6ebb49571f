/** Keeps an environment's journal off its host, signed, when an undertaking has ended. */
import { keepJournal } from "../journal/kept.ts";
import { namespaces, sign } from "../record/signature.ts";
import type { ReleaseRepository } from "../record/repository.ts";
import { say } from "../../terminal/output.ts";

/**
 * A function for `Manner.keep`. What can't be kept is said, and doesn't undo what was released: the journal is on the
 * host, and the next undertaking keeps all of it.
 */
export const keeper =
  (repository: ReleaseRepository, environment: string, key: string) =>
  async (journal: string): Promise<void> => {
    try {
      await keepJournal(repository, environment, journal, (head) => sign(head, key, namespaces.journal));
    } catch (error) {
      say(`The journal could not be kept off the host: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
