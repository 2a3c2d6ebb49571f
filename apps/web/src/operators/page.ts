import { html } from "../pages/html.ts";
import type { Html } from "../pages/html.ts";
import { page } from "../pages/layout.ts";
import { ACCOUNT } from "../pages/paths.ts";
import { longDate } from "../privacy/dates.ts";
import type { MemberFrame } from "../privacy/member-visit.ts";
import { purposeNames, purposes } from "../privacy/purposes.ts";
import { shown } from "./counts.ts";
import type { OperatorCounts } from "./counts.ts";

const number = (title: string, count: number): Html => html`
          <tr><th scope="row">${title}</th><td>${shown(count)}</td></tr>`;

const table = (caption: string, rows: readonly Html[]): Html => html`
      <table class="counts">
        <caption>${caption}</caption>
        <tbody>${rows}
        </tbody>
      </table>`;

/** Noon, so that the day is the same in every time zone of Europe. */
const dayOf = (text: string): string => longDate(new Date(`${text}T12:00:00Z`));

/** What operators see: how many, and never who. */
export function operatorsPage(frame: MemberFrame, { platform, consents, erasures, days }: OperatorCounts): string {
  return page({
    assets: frame.assets,
    display: frame.display,
    styles: ["account.css"],
    title: "Beheer",
    account: ACCOUNT,
    main: html`
    <div class="wrap own-page">
      <p class="eyebrow">Beheer</p>
      <h1>Het platform in aantallen</h1>
      <p class="lead">Hier staan alleen aantallen. Beheerders zien geen personen, en aantallen van één tot en met vier blijven verborgen.</p>
      <div class="tables">
      ${table("Leden", [
        number("Leden", platform.members),
        number("Nieuw, laatste 24 uur", platform.signUps.day),
        number("Nieuw, laatste 7 dagen", platform.signUps.week),
        number("Nieuw, laatste 30 dagen", platform.signUps.month),
      ])}
      ${table("Actief in het dagboek", [
        number("Laatste 24 uur", platform.active.day),
        number("Laatste 7 dagen", platform.active.week),
        number("Laatste 30 dagen", platform.active.month),
        number("Dagen in alle dagboeken", platform.entries),
      ])}
      ${table("Toestemmingen die nu gelden", purposeNames.map((purpose) => number(purposes[purpose].title, consents[purpose])))}
      ${table("Verwijderen", [number("Wachten op het einde van de bedenktijd", erasures.waiting), number("Meer dan een dag te laat", erasures.overdue)])}
      ${table("Geschreven per dag", days.length === 0 ? [number("De laatste 14 dagen", 0)] : days.map(({ day, entries }) => number(dayOf(day), entries)))}
      </div>
      <p class="quiet">Dat je dit hebt bekeken, is vastgelegd, zonder je naam.</p>
    </div>`,
  });
}
