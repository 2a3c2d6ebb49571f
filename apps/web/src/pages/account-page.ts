import { longDate } from "../privacy/dates.ts";
import type { MemberFrame } from "../privacy/member-visit.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { page } from "./layout.ts";
import { ACCESS_PATH, CONSENT_PATH, DIARY_PATH, ERASURE_PATH, EXPORT_PATH, OPERATORS_PATH, PRIVACY_PATH, SIGN_OUT_PATH, STAY_PATH } from "./paths.ts";

/** What a member's own page shows. */
export interface AccountPage {
  readonly frame: MemberFrame;
  /** Empty when the provider told none. */
  readonly name: string;
  readonly since: Date;
  /** When the account will be erased, if its member asked for it. */
  readonly erasureDue: Date | undefined;
  readonly isOperator: boolean;
}

interface Way {
  readonly href: string;
  readonly title: string;
  readonly text: string;
}

const WAYS: readonly Way[] = [
  { href: DIARY_PATH, title: "Dagboek", text: "Schrijf op hoe het gaat en kijk terug." },
  { href: CONSENT_PATH, title: "Toestemming", text: "Bepaal wat we met je gegevens mogen doen." },
  { href: ACCESS_PATH, title: "Wie zag mijn gegevens", text: "Bekijk wie wanneer bij je gegevens was." },
  { href: PRIVACY_PATH, title: "Privacyverklaring", text: "Lees hoe we met je gegevens omgaan." },
];

const OPERATORS_WAY: Way = { href: OPERATORS_PATH, title: "Beheer", text: "Aantallen van het platform, zonder personen." };

const way = ({ href, title, text }: Way): Html => html`
        <li class="card"><h2><a href="${href}">${title}</a></h2><p>${text}</p></li>`;

/** The notice of an erasure that is coming, with the one button that takes it back. */
const erasureNotice = (due: Date, formToken: string | undefined): Html => html`
      <section class="note" aria-labelledby="verwijderen-kop">
        <h2 id="verwijderen-kop">Je account wordt verwijderd op ${longDate(due)}</h2>
        <p>Tot dan kun je dit nog terugdraaien en je gegevens downloaden. Daarna is alles weg en kan niemand het terughalen.</p>
        <form method="post" action="${STAY_PATH}">
          <input type="hidden" name="token" value="${formToken ?? ""}">
          <button class="button" type="submit">Toch mijn account houden</button>
        </form>
      </section>`;

/** The page of whoever is signed in. */
export function accountPage({ frame, name, since, erasureDue, isOperator }: AccountPage): string {
  return page({
    assets: frame.assets,
    styles: ["account.css"],
    title: "Mijn account",
    display: frame.display,
    main: html`
    <div class="wrap own-page">
      <p class="eyebrow">Mijn account</p>
      <h1>${name === "" ? "Welkom" : `Welkom, ${name}`}</h1>
      <p class="lead">Je bent ingelogd. Lid sinds ${longDate(since)}.</p>${erasureDue === undefined ? undefined : erasureNotice(erasureDue, frame.formToken)}
      <ul class="ways">${[...WAYS, ...(isOperator ? [OPERATORS_WAY] : [])].map(way)}
        <li class="card">
          <h2>Mijn gegevens meenemen</h2>
          <p>Alles wat we over je bewaren, meteen.</p>
          <p><a href="${EXPORT_PATH}.csv">Voor een spreadsheet (CSV)</a><br><a href="${EXPORT_PATH}.json">Voor een ander programma (JSON)</a></p>
        </li>
      </ul>
      <p>Je naam bewaren we alleen zolang je bent ingelogd. In onze database sta je zonder naam en zonder e-mailadres.</p>
      <form method="post" action="${SIGN_OUT_PATH}">
        <input type="hidden" name="token" value="${frame.formToken ?? ""}">
        <button class="button" type="submit">Uitloggen</button>
      </form>${
        erasureDue === undefined
          ? html`
      <p class="quiet farewell"><a href="${ERASURE_PATH}">Mijn account en al mijn gegevens verwijderen</a></p>`
          : undefined
      }
    </div>`,
  });
}
