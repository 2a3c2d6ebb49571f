/** The lock of an environment's host, kept for as long as something is under way. */
import { LockTaken, type Holder, type Host } from "../host/host.ts";

/**
 * How long the lock outlives a deployer that gives no sign of life, in milliseconds. Long enough for a connection that
 * is cut and made anew; short enough that nobody waits long for a laptop that was closed.
 */
const lease = 60_000;

export interface Lock {
  readonly token: number;
  /** Aborted when the lock has gone to somebody else, with the error that says to whom. */
  readonly lost: AbortSignal;
  /** From now on signs of life go through another connection to the same host. */
  readonly through: (host: Host) => void;
  readonly release: () => Promise<void>;
}

/** Takes the lock and keeps it. @throws LockTaken with the holder's name */
export async function takeLock(host: Host, holder: Holder): Promise<Lock> {
  const token = await host.claim(lease, holder);
  const lost = new AbortController();
  let current = host;
  // A sign of life that fails is no loss: the lease outlives two of them, and the next action says whether it is lost.
  const timer = setInterval(() => {
    current.renew(token, lease).catch((error: unknown) => {
      if (error instanceof LockTaken) lost.abort(error);
    });
  }, lease / 4);
  timer.unref();
  return {
    token,
    lost: lost.signal,
    through: (other) => {
      current = other;
    },
    release: async () => {
      clearInterval(timer);
      await current.free(token);
    },
  };
}
