/** Something that a person can act on: what went wrong, and what to do about it. Printed without a stack trace. */
export class BackupError extends Error {
  override readonly name = "BackupError";
  /** What to do now. */
  readonly fix: string;

  constructor(message: string, { fix, cause }: { readonly fix: string; readonly cause?: unknown }) {
    super(message, cause === undefined ? {} : { cause });
    this.fix = fix;
  }
}

/** Another run holds the lock. Nothing was changed, and nothing is wrong. */
export class AlreadyRunning extends BackupError {}

/** The words of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
