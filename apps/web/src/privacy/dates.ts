/** Days and moments as people in the Netherlands write them. */
const day = new Intl.DateTimeFormat("nl-NL", { dateStyle: "long", timeZone: "Europe/Amsterdam" });
const moment = new Intl.DateTimeFormat("nl-NL", { dateStyle: "medium", timeStyle: "short", timeZone: "Europe/Amsterdam" });

/** Such as "22 november 2026". */
export const longDate = (at: Date): string => day.format(at);

/** Such as "22 nov 2026, 06:15". */
export const shortMoment = (at: Date): string => moment.format(at);
