import type { Assets } from "../http/assets.ts";
import { html } from "../pages/html.ts";
import { page } from "../pages/layout.ts";
import { ACCESS_PATH, ACCOUNT_PATH, CONSENT_PATH, ERASURE_PATH, EXPORT_PATH } from "../pages/paths.ts";
import { SESSION_LIMITS } from "../sessions/store.ts";
import type { Display } from "../sessions/session.ts";
import { GRACE_DAYS } from "./erasure.ts";
import { RETENTION } from "./retention-periods.ts";

/** What the notice says that differs between environments. */
export interface NoticePage {
  readonly assets: Assets;
  readonly display: Display;
  readonly backupDays: number;
  readonly account: { readonly href: string; readonly text: string } | undefined;
}

/** What is done with people's data. Every number comes from the program that keeps to it. */
export function noticePage({ assets, display, backupDays, account }: NoticePage): string {
  return page({
    assets,
    display,
    styles: ["account.css"],
    title: "Privacyverklaring",
    description: "Welke gegevens Je Leefstijl Als Medicijn bewaart, waarom, hoe lang, en wat jij daarover te zeggen hebt.",
    account,
    links: [
      { href: "#wat", text: "Wat en waarom" },
      { href: "#hoelang", text: "Hoe lang" },
      { href: "#rechten", text: "Jouw rechten" },
      { href: "#contact", text: "Contact" },
    ],
    main: html`
    <div class="wrap own-page">
      <p class="eyebrow">Je Leefstijl Als Medicijn</p>
      <h1>Privacy&shy;verklaring</h1>
      <p class="lead">Je gezondheid is van jou, en de gegevens daarover ook. Hier lees je wat we bewaren, waarom, hoe lang, en hoe
        je alles meeneemt of laat verwijderen.</p>

      <h2 id="wat">Wat we bewaren en waarom</h2>
      <dl class="explained">
        <dt>Als je alleen leest</dt>
        <dd>Niets over jou. Geen volgsoftware, en pas een cookie als je een weergave kiest of inlogt.</dd>
        <dt>Je account</dt>
        <dd>Een kenmerk zonder naam en de dag waarop je lid werd, om je te herkennen (nodig voor onze afspraak met jou, AVG
          artikel 6 lid 1b). Je naam, e-mailadres en wachtwoord staan bij onze eigen inlogdienst. Je naam lenen we zolang je bent ingelogd.</dd>
        <dt>Je dagboek</dt>
        <dd>Gewicht, bloedsuiker, stappen, slaap en stemming. Dat zijn gegevens over gezondheid: we bewaren ze alleen met jouw
          uitdrukkelijke toestemming (AVG artikel 9 lid 2a). Alleen jij ziet je dagboek.</dd>
        <dt>Onderzoek en nieuwsbrief</dt>
        <dd>Alleen als je daar apart ja op zegt (AVG artikel 6 lid 1a, en voor je dagboek artikel 9 lid 2a).</dd>
        <dt>Je toestemmingen</dt>
        <dd>Wat je wanneer besloot en over welke tekst, omdat we dat moeten kunnen laten zien (AVG artikel 7 lid 1).</dd>
        <dt>Wie je gegevens zag</dt>
        <dd>Wie, wat, wanneer en waarom, met een code in plaats van je naam, omdat de wet dat vraagt (NEN 7513; AVG artikel 6 lid 1c).</dd>
        <dt>Aantallen</dt>
        <dd>We tellen hoeveel leden er zijn en hoeveel er wordt ingevuld. Daar is niemand uit te herkennen; aantallen onder de vijf tonen we niet.</dd>
      </dl>
      <p>We verkopen niets en geven niets door aan derden. Alles staat op servers in Amsterdam, bij Scaleway, dat de gegevens in
        onze opdracht bewaart en er verder niets mee mag.</p>

      <h2 id="hoelang">Hoe lang we het bewaren</h2>
      <table class="stacked">
        <caption>Bewaartermijnen</caption>
        <thead><tr><th scope="col">Gegevens</th><th scope="col">Hoe lang</th></tr></thead>
        <tbody>
          <tr><td data-label="Gegevens">Account, dagboek en toestemmingen</td><td data-label="Hoe lang">Tot je ze verwijdert. Vraag je om je account te
            verwijderen, dan zijn ze na ${GRACE_DAYS} dagen weg. Trek je je toestemming voor je dagboek in, dan gaat het na
            ${RETENTION.withdrawnDiaryDays} dagen weg.</td></tr>
          <tr><td data-label="Gegevens">Dat je bent ingelogd, met je naam</td><td data-label="Hoe lang">Tot je uitlogt, of ${SESSION_LIMITS.idle / 60} minuten niets
            doet, en nooit langer dan ${SESSION_LIMITS.absolute / 3600} uur.</td></tr>
          <tr><td data-label="Gegevens">Wie je gegevens zag</td><td data-label="Hoe lang">${RETENTION.accessLogYears} jaar. Na het verwijderen van je account leidt de code naar niemand meer.</td></tr>
          <tr><td data-label="Gegevens">Reservekopieën</td><td data-label="Hoe lang">Wat je verwijdert, zit nog hoogstens ${backupDays} dagen in versleutelde
            reservekopieën. Zetten we er een terug, dan verwijderen we het meteen opnieuw; daarvoor bewaren we een code die zonder die
            reservekopie naar niemand leidt.</td></tr>
          <tr><td data-label="Gegevens">Technische logboeken</td><td data-label="Hoe lang">Daar staat niets over jou in: geen naam, geen adres van je computer en niets wat je invult.</td></tr>
        </tbody>
      </table>

      <h2 id="rechten">Jouw rechten</h2>
      <ul class="plain">
        <li><a href="${ACCOUNT_PATH}">Inzien</a> wat we van je hebben en <a href="${ACCESS_PATH}">wie het zag</a>.</li>
        <li><a href="${EXPORT_PATH}.csv">Meenemen</a>: alles downloaden, meteen.</li>
        <li>Verbeteren: elke dag in je dagboek kun je wijzigen of verwijderen.</li>
        <li><a href="${CONSENT_PATH}">Toestemming intrekken</a>, even makkelijk als je haar gaf.</li>
        <li><a href="${ERASURE_PATH}">Alles laten verwijderen</a>.</li>
        <li>Bezwaar maken of vragen om minder te doen met je gegevens: schrijf ons.</li>
        <li>Een klacht indienen bij de Autoriteit Persoonsgegevens, op autoriteitpersoonsgegevens.nl.</li>
      </ul>

      <h2 id="contact">Contact</h2>
      <p>Verantwoordelijk voor je gegevens is Je Leefstijl Als Medicijn. Vragen over privacy stel je aan
        <a href="mailto:privacy@jlam.nl">privacy@jlam.nl</a>. We antwoorden binnen een maand.</p>
    </div>`,
  });
}
