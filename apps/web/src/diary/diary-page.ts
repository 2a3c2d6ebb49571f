import { html } from "../pages/html.ts";
import type { Html } from "../pages/html.ts";
import { page } from "../pages/layout.ts";
import { ACCOUNT, CONSENT_PATH, DIARY_PATH } from "../pages/paths.ts";
import type { MemberFrame } from "../privacy/member-visit.ts";
import { chartPicture } from "./chart-picture.ts";
import type { Period } from "./chart-picture.ts";
import { EARLIEST, longDay, plusDays } from "./day.ts";
import type { Day } from "./day.ts";
import { dayForm, weightBefore } from "./day-form.ts";
import type { DayFormState } from "./day-form.ts";
import type { DiaryEntry } from "./diary.ts";
import { MEASURES, measures } from "./measures.ts";
import { numbersTable } from "./numbers-table.ts";

/** How many days charts can show. */
export const PERIODS = [7, 30, 90] as const;
export type PeriodLength = (typeof PERIODS)[number];

/** What was just done to a day; told on the next page. */
export interface DiaryNews {
  readonly done: "kept" | "removed";
  readonly day: Day;
}

/** The page to begin with: today's form and how it went. */
export interface DiaryPage extends MemberFrame {
  readonly today: Day;
  readonly length: PeriodLength;
  /** Of the period at least, oldest first. */
  readonly entries: readonly DiaryEntry[];
  readonly form: DayFormState;
  readonly news: DiaryNews | undefined;
}

/** The page of one day. */
export interface DayPage extends MemberFrame {
  readonly day: Day;
  readonly today: Day;
  /** Of this day and of those before it, oldest first. */
  readonly entries: readonly DiaryEntry[];
  readonly form: DayFormState;
}

const STYLES = ["diary.css"];

const hasErrors = ({ errors }: DayFormState): boolean => Object.keys(errors).length > 0;

/** Browsers and screen readers say the title first, and so that something is wrong. */
const titleOf = (title: string, form: DayFormState): string => (hasErrors(form) ? `Fout: ${title}` : title);

function newsText(news: DiaryNews | undefined): Html | undefined {
  if (news === undefined) return undefined;
  const word = news.done === "kept" ? "Bewaard" : "Verwijderd";
  return html`<p class="news" role="status"><strong>${word}:</strong> ${longDay(news.day)}.</p>`;
}

function otherDays(today: Day): Html {
  const yesterday = plusDays(today, -1);
  return html`
        <div class="other-days">
          <p><a href="${DIARY_PATH}/${yesterday}">Gisteren invullen</a></p>
          <form method="get" action="${DIARY_PATH}">
            <label for="andere-dag">Een andere dag</label>
            <span class="day-choice"><input id="andere-dag" name="dag" type="date" min="${EARLIEST}" max="${today}" value="${plusDays(today, -2)}">
            <button class="button quiet-button" type="submit">Open deze dag</button></span>
          </form>
        </div>`;
}

function periodChoice(length: PeriodLength): Html {
  return html`
        <nav aria-label="Periode" class="periods"><ul>${PERIODS.map(
          (days) => html`<li><a href="${DIARY_PATH}?dagen=${days}#verloop"${days === length ? html` aria-current="true"` : undefined}>${days} dagen</a></li>`,
        )}</ul></nav>`;
}

function course({ today, length, entries: given }: DiaryPage): Html {
  const period: Period = { from: plusDays(today, 1 - length), to: today };
  const entries = given.filter((entry) => entry.day >= period.from);
  const charts = MEASURES.flatMap((key) => chartPicture(measures[key], entries, period) ?? []);
  const nothing = html`<p>In de afgelopen ${length} dagen heb je nog niets ingevuld. Begin vandaag met één ding.</p>`;
  return html`
    <section id="verloop" class="section tinted" aria-labelledby="verloop-kop">
      <div class="wrap">
        <h2 id="verloop-kop">Zo ging het</h2>${periodChoice(length)}
        ${charts.length === 0 ? nothing : html`<div class="charts">${charts}</div>`}
      </div>
    </section>
    ${
      entries.length === 0
        ? undefined
        : html`<section class="wrap section">
      <h2 id="getallen-kop">Alle getallen</h2>
      <p class="intro">Dezelfde getallen als in de grafieken. Kies een dag om hem te wijzigen of te verwijderen.</p>${numbersTable(entries)}
    </section>`
    }`;
}

/** The diary. */
export function diaryPage(parts: DiaryPage): string {
  const { assets, display, today, form, formToken } = parts;
  return page({
    assets,
    title: titleOf("Dagboek", form),
    styles: STYLES,
    display,
    account: ACCOUNT,
    main: html`
    <section class="wrap diary-top" aria-labelledby="vandaag-kop">
      <div class="diary-intro">
        <p class="eyebrow">Dagboek</p>
        <h1 id="vandaag-kop">Vandaag</h1>
        <p class="lead">Het is ${longDay(today)}. Vul in wat je weet; één ding is genoeg.</p>
        ${newsText(parts.news)}
      </div>
      ${dayForm(today, form, weightBefore(parts.entries, today), formToken)}${otherDays(today)}
    </section>${course(parts)}`,
  });
}

function removal({ day, formToken }: DayPage): Html {
  return html`
      <form class="removal" method="post" action="${DIARY_PATH}/${day}/verwijderen">
        <input type="hidden" name="token" value="${formToken ?? ""}">
        <p>Wat je verwijdert, is weg en kan niet terug.</p>
        <button class="button quiet-button" type="submit">Deze dag verwijderen</button>
      </form>`;
}

/** One day, to fill in later, to change or to remove. */
export function dayPage(parts: DayPage): string {
  const { assets, display, day, today, entries, form, formToken } = parts;
  const isKept = entries.some((entry) => entry.day === day);
  const after = plusDays(day, 1);
  return page({
    assets,
    title: titleOf(`Dagboek van ${longDay(day)}`, form),
    styles: STYLES,
    display,
    account: ACCOUNT,
    main: html`
    <div class="wrap diary-top day-page">
      <div class="diary-intro">
        <p class="eyebrow"><a href="${DIARY_PATH}">Dagboek</a></p>
        <h1>${longDay(day)}</h1>
        <p class="lead">${isKept ? "Wijzig wat er staat. Een leeg veld wordt niet bewaard." : "Voor deze dag staat er nog niets in je dagboek."}</p>
      </div>
      ${dayForm(day, form, weightBefore(entries, day), formToken)}
      <nav aria-label="Andere dagen" class="day-links">
        <ul>${day > EARLIEST ? html`<li><a href="${DIARY_PATH}/${plusDays(day, -1)}">De dag ervoor</a></li>` : undefined}${
          after < today ? html`<li><a href="${DIARY_PATH}/${after}">De dag erna</a></li>` : undefined
        }<li><a href="${DIARY_PATH}">Naar vandaag</a></li></ul>
      </nav>${isKept ? removal(parts) : undefined}
    </div>`,
  });
}

/** In place of the diary, for who did not agree that health data is kept. */
export function noConsentPage({ assets, display }: MemberFrame): string {
  return page({
    assets,
    title: "Eerst je toestemming",
    display,
    account: ACCOUNT,
    main: html`
    <div class="wrap narrow error-page">
      <p class="eyebrow">Dagboek</p>
      <h1>Eerst je toestemming</h1>
      <p class="lead">In je dagboek staan gegevens over je gezondheid. Die bewaren we alleen als jij dat goedvindt.</p>
      <p>Zonder toestemming bewaren en tonen we niets. Je kunt altijd van gedachten veranderen, even makkelijk als je toestemming gaf.</p>
      <p><a class="button" href="${CONSENT_PATH}">Naar toestemming</a></p>
    </div>`,
  });
}
