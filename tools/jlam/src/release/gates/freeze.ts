/** Whether it is a time in which nothing is released, on the clock of the environment's people. */
import type { Freeze, ReleaseRules } from "@jlam/compose-dsl";
import type { Refusal } from "./refusal.ts";

/** Refuses in every freeze that is on at `now`. Summer time needs no care: people's clocks are compared with people's clocks. */
export function freezeGate({ freezes, timeZone }: Pick<ReleaseRules, "freezes" | "timeZone">, now: Date): readonly Refusal[] {
  const clock = clockOf(now, timeZone);
  return freezes.filter((freeze) => isFrozen(freeze, clock)).map((freeze) => ({
    gate: "freeze",
    code: "freeze",
    message: `nothing is released ${freeze.kind === "weekly" ? `from ${freeze.says}` : `from ${freeze.from} up to and including ${freeze.until}`}: ${freeze.because} (it is ${clock.weekday} ${clock.time} in ${timeZone})`,
    fix: "Wait until it is over; what can't wait needs --break-glass with a reason.",
  }));
}

interface WallClock {
  /** Minutes since Monday 00:00. */
  readonly weekMinute: number;
  /** `2026-12-24` */
  readonly day: string;
  readonly weekday: string;
  readonly time: string;
}

/** What a clock on the wall shows there. */
export function clockOf(now: Date, timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "long", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const { weekday = "", year = "", month = "", day = "", hour = "", minute = "" } = parts;
  const index = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"].indexOf(weekday);
  return { weekMinute: (index * 24 + Number(hour)) * 60 + Number(minute), day: `${year}-${month}-${day}`, weekday, time: `${hour}:${minute}` };
}

function isFrozen(freeze: Freeze, { weekMinute, day }: WallClock): boolean {
  switch (freeze.kind) {
    case "weekly":
      return freeze.from <= freeze.until ? weekMinute >= freeze.from && weekMinute < freeze.until : weekMinute >= freeze.from || weekMinute < freeze.until;
    case "dates":
      return day >= freeze.from && day <= freeze.until;
  }
}
