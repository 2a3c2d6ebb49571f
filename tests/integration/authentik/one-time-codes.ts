/** An authenticator app: its codes, each of which Authentik takes once. */
import { setTimeout as sleep } from "node:timers/promises";
import { TOTP, URI } from "otpauth";

export interface Authenticator {
  /** A code that was not given before; waits where the next one is not valid yet. */
  code(): Promise<string>;
}

/** Adds an account from the `otpauth:` address that a page shows as a QR code. */
export function authenticator(address: string): Authenticator {
  const account = URI.parse(address);
  if (!(account instanceof TOTP)) throw new RangeError("the address is of codes that count, not of codes that follow the time");
  const periodMs = account.period * 1000;
  let used = 0;
  return {
    code: async () => {
      const period = Math.max(Math.floor(Date.now() / periodMs), used + 1);
      used = period;
      await sleep(Math.max(0, period * periodMs - Date.now()));
      return account.generate({ timestamp: period * periodMs });
    },
  };
}
