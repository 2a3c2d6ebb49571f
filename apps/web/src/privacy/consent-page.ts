import { html } from "../pages/html.ts";
import type { Html } from "../pages/html.ts";
import { page } from "../pages/layout.ts";
import { ACCOUNT, CONSENT_PATH, ERASURE_PATH, EXPORT_PATH, PRIVACY_PATH } from "../pages/paths.ts";
import type { ConsentState } from "./consents.ts";
import { longDate } from "./dates.ts";
import type { MemberFrame } from "./member-visit.ts";
import { presentText, purposes } from "./purposes.ts";
import { RETENTION } from "./retention-periods.ts";

function standing({ state, at }: ConsentState): string {
  const day = at === undefined ? "" : ` op ${longDate(at)}`;
  switch (state) {
    case "never":
      return "Je hebt hier nog niets over besloten. Zonder jouw ja doen we het niet.";
    case "given":
      return `Je gaf toestemming${day}.`;
    case "withdrawn":
      return `Je trok je toestemming in${day}.`;
    case "asked-again":
      return `Je gaf toestemming${day}, maar onze tekst is veranderd. Daarom vragen we het opnieuw; tot dan doen we het niet.`;
  }
}

/** What is left to do with health data for which there is no consent any more. */
const afterWithdrawal: Html = html`
          <p>Je dagboek is nu dicht. Wat erin staat, kun je nog ${RETENTION.withdrawnDiaryDays} dagen
            <a href="${EXPORT_PATH}.csv">downloaden</a>; daarna verwijderen we het. Sneller gaat het
            <a href="${ERASURE_PATH}">met je account</a>.</p>`;

/** One purpose. Giving and taking back are the same button in the same place. */
function purposeSection(state: ConsentState, formToken: string | undefined): Html {
  const { purpose } = state;
  const text = presentText(purpose);
  const isGiven = state.state === "given";
  return html`
      <section class="card" id="${purpose}" aria-labelledby="${purpose}-kop">
        <h2 id="${purpose}-kop">${purposes[purpose].title}</h2>
        <p><strong>‘${text.ask}’</strong></p>
        <p>${text.explanation}</p>
        ${isGiven ? html`<p class="quiet">Je kunt dit altijd intrekken. ${text.without}</p>` : undefined}
        <p><span class="state state-${state.state}">${isGiven ? "Aan" : "Uit"}</span> ${standing(state)}</p>
        ${purpose === "health-data" && state.state === "withdrawn" ? afterWithdrawal : undefined}
        <form method="post" action="${CONSENT_PATH}">
          <input type="hidden" name="token" value="${formToken ?? ""}">
          <input type="hidden" name="purpose" value="${purpose}">
          <input type="hidden" name="version" value="${text.version}">
          <button class="button" type="submit" name="decision" value="${isGiven ? "withdrawn" : "given"}" aria-describedby="${purpose}-kop">${
            isGiven ? "Toestemming intrekken" : "Toestemming geven"
          }</button>
        </form>
      </section>`;
}

/** Where a member decides what may be done with their data. */
export function consentPage(frame: MemberFrame, states: readonly ConsentState[]): string {
  return page({
    assets: frame.assets,
    display: frame.display,
    styles: ["account.css"],
    title: "Toestemming",
    account: ACCOUNT,
    main: html`
    <div class="wrap narrow own-page">
      <p class="eyebrow">Mijn account</p>
      <h1>Jouw toestemming</h1>
      <p class="lead">Jij bepaalt wat we met je gegevens doen. Per onderdeel, en je kunt elk moment van gedachten veranderen.</p>
      ${states.map((state) => purposeSection(state, frame.formToken))}
      <p class="quiet">Alles over hoe we met je gegevens omgaan, lees je in onze <a href="${PRIVACY_PATH}">privacyverklaring</a>.</p>
    </div>`,
  });
}
