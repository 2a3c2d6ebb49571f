/** Whether the clock that decides can be believed: soak, expiry and freezes rest on it. */
import type { Refusal } from "./refusal.ts";

/** A moment as another clock tells it: that of a host now, or the newest entry of a journal, which can't be in the future. */
export interface OtherClock {
  readonly of: string;
  readonly at: Date;
  /** `now`: it is read at this moment. `past`: it was written at some time before. */
  readonly kind: "now" | "past";
}

/** How far two clocks may differ, in milliseconds: with NTP they differ by less than a second. */
const tolerance = 30_000;

/** Refuses where this clock is behind something that has happened, or differs from a host's. */
export function clockGate(now: Date, others: readonly OtherClock[]): readonly Refusal[] {
  return others.flatMap(({ of, at, kind }) => {
    const ahead = at.getTime() - now.getTime();
    const wrong = kind === "now" ? Math.abs(ahead) > tolerance : ahead > tolerance;
    if (!wrong) return [];
    return [{ gate: "clock", code: "clock-wrong", message: `this machine's clock says ${now.toISOString()}, and ${of} says ${at.toISOString()}`, fix: "Set the clock that is wrong (`timedatectl set-ntp true`), and run it again." } as const];
  });
}
