import { html } from "../pages/html.ts";
import type { Html } from "../pages/html.ts";
import { page } from "../pages/layout.ts";
import { ACCOUNT, EXPORT_PATH } from "../pages/paths.ts";
import type { AccessAction, AccessReason, AccessRecord, DataClass } from "./access-log.ts";
import { shortMoment } from "./dates.ts";
import type { MemberFrame } from "./member-visit.ts";
import { RETENTION } from "./retention-periods.ts";

const DATA: Readonly<Record<DataClass, string>> = {
  account: "Je account",
  "access-log": "Dit overzicht",
  consents: "Je toestemmingen",
  counts: "Aantallen",
  diary: "Je dagboek",
  everything: "Al je gegevens",
};

const ACTIONS: Readonly<Record<AccessAction, string>> = {
  change: "gewijzigd",
  export: "gedownload",
  read: "bekeken",
  remove: "verwijderd",
  write: "geschreven",
};

const REASONS: Readonly<Record<AccessReason, string>> = {
  "own-request": "Op jouw verzoek",
  retention: "De bewaartermijn was voorbij",
  statistics: "Om te tellen",
};

/** In words; what a newer release wrote is shown as it is. */
const inWords = (words: Readonly<Record<string, string>>, key: string): string => words[key] ?? key;

const who = ({ role, self }: AccessRecord): string => {
  if (self) return "Jijzelf";
  switch (role) {
    case "member":
      return "Een ander lid";
    case "operator":
      return "Een beheerder";
    case "system":
      return "De site, automatisch";
  }
};

const row = (record: AccessRecord): Html => html`
          <tr>
            <td data-label="Wanneer">${shortMoment(record.at)}</td>
            <td data-label="Wie">${who(record)}</td>
            <td data-label="Wat">${inWords(DATA, record.data)} ${inWords(ACTIONS, record.action)}</td>
            <td data-label="Waarom">${inWords(REASONS, record.reason)}</td>
            <td data-label="Uitkomst">${record.result === "done" ? "Gelukt" : "Geweigerd"}</td>
          </tr>`;

/** Who saw a member's data, newest first. */
export function accessPage(frame: MemberFrame, records: readonly AccessRecord[], most: number): string {
  return page({
    assets: frame.assets,
    display: frame.display,
    styles: ["account.css"],
    title: "Wie zag mijn gegevens",
    account: ACCOUNT,
    main: html`
    <div class="wrap own-page">
      <p class="eyebrow">Mijn account</p>
      <h1>Wie zag mijn gegevens</h1>
      <p class="lead">Elke keer dat iemand je gegevens bekijkt of wijzigt, schrijven we dat op. Ook als jij dat zelf bent.</p>
      <p>Onze site kan deze regels alleen bijschrijven, niet veranderen of weghalen. We bewaren ze ${RETENTION.accessLogYears} jaar, omdat de wet dat vraagt.
        Je staat erin met een code, zonder naam. Is je account verwijderd, dan is de code van niemand meer.</p>
      <table class="stacked">
        <caption>${records.length === most ? `De laatste ${most} keer, de nieuwste bovenaan.` : "Alle keren, de nieuwste bovenaan."}</caption>
        <thead>
          <tr><th scope="col">Wanneer</th><th scope="col">Wie</th><th scope="col">Wat</th><th scope="col">Waarom</th><th scope="col">Uitkomst</th></tr>
        </thead>
        <tbody>${records.map(row)}
        </tbody>
      </table>
      <p class="quiet">Wil je alles hebben? <a href="${EXPORT_PATH}.csv">Download al je gegevens</a>.</p>
    </div>`,
  });
}
