/** Ctrl-C: what was registered is undone, newest first, and the process ends with 130 (143 for SIGTERM). */
import { constants } from "node:os";

type Cleanup = () => void | Promise<void>;

const cleanups = new Set<Cleanup>();

/** Registers what must be undone if the command is interrupted. Call the returned function when it no longer must. */
export function onInterrupt(cleanup: Cleanup): () => void {
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
  };
}

/** Installs the handlers, once, at start. A second Ctrl-C ends at once, without waiting for the clean-up. */
export function handleInterrupts(): void {
  let interrupted = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      const exitCode = 128 + constants.signals[signal];
      if (interrupted) process.exit(exitCode);
      interrupted = true;
      void undo().finally(() => process.exit(exitCode));
    });
  }
}

async function undo(): Promise<void> {
  for (const cleanup of [...cleanups].reverse()) {
    try {
      await cleanup();
    } catch (error) {
      process.stderr.write(`Cleaning up after the interruption failed: ${String(error)}\n`);
    }
  }
}
