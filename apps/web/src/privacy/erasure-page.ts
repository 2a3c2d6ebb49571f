import { html } from "../pages/html.ts";
import { page } from "../pages/layout.ts";
import { ACCOUNT, ACCOUNT_PATH, ERASURE_PATH, EXPORT_PATH, SIGN_IN_PATH } from "../pages/paths.ts";
import { longDate } from "./dates.ts";
import { GRACE_DAYS } from "./erasure.ts";
import type { MemberFrame } from "./member-visit.ts";
import { RETENTION } from "./retention-periods.ts";

/** What must be typed, so that nobody erases themselves by a wrong tap. */
export const CONFIRMATION = "verwijderen";

/** Where a member asks to be forgotten. `isWrong`: what was typed wasn't the word. */
export function erasurePage(frame: MemberFrame, backupDays: number, isWrong: boolean): string {
  return page({
    assets: frame.assets,
    display: frame.display,
    styles: ["account.css"],
    title: isWrong ? "Fout: Account verwijderen" : "Account verwijderen",
    account: ACCOUNT,
    main: html`
    <div class="wrap narrow own-page">
      <p class="eyebrow"><a href="${ACCOUNT_PATH}">Mijn account</a></p>
      <h1>Account en gegevens verwijderen</h1>
      <p class="lead">Na ${GRACE_DAYS} dagen zijn je account en al je gegevens weg. Daarna kan niemand ze terughalen, ook wij niet.</p>
      <h2>Wat er gebeurt</h2>
      <ul class="plain">
        <li>Je wordt nu op al je apparaten bij ons uitgelogd.</li>
        <li>De eerste ${GRACE_DAYS} dagen kun je je bedenken: log in en kies ‘Toch mijn account houden’.</li>
        <li>Daarna verwijderen we je dagboek, je toestemmingen en je account, ook bij de inlogdienst.</li>
        <li>In reservekopieën zitten je gegevens daarna nog hoogstens ${backupDays} dagen. Zetten we er ooit een terug, dan
          verwijderen we je meteen opnieuw.</li>
        <li>De lijst van wie wanneer gegevens zag, bewaren we ${RETENTION.accessLogYears} jaar omdat de wet dat vraagt. Daar staat
          een code in die dan naar niemand meer leidt.</li>
      </ul>
      <p>Wil je iets bewaren? <a href="${EXPORT_PATH}.csv">Download eerst je gegevens</a>.</p>
      <form class="display-form" method="post" action="${ERASURE_PATH}">
        <input type="hidden" name="token" value="${frame.formToken ?? ""}">
        <label class="field" for="bevestiging">Typ het woord <strong>${CONFIRMATION}</strong> om door te gaan</label>
        ${isWrong ? html`<p class="field-error" id="bevestiging-fout">Dat was een ander woord. Je account is niet verwijderd.</p>` : undefined}
        <input class="text-input" id="bevestiging" name="confirmation" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" required${
          isWrong ? html` aria-invalid="true" aria-describedby="bevestiging-fout"` : undefined
        }>
        <button class="button" type="submit">Verwijder mijn account</button>
      </form>
      <p><a href="${ACCOUNT_PATH}">Nee, terug naar mijn account</a></p>
    </div>`,
  });
}

/** What somebody reads who just asked to be forgotten, and is signed out. */
export function erasureAskedPage(frame: MemberFrame, due: Date): string {
  return page({
    assets: frame.assets,
    display: frame.display,
    title: "Je account wordt verwijderd",
    main: html`
    <div class="wrap narrow error-page">
      <p class="eyebrow">Account verwijderen</p>
      <h1>Je account wordt verwijderd</h1>
      <p class="lead">Op ${longDate(due)} zijn je account en al je gegevens weg. Je bent hier nu uitgelogd.</p>
      <p>Gebruik je dit apparaat samen met anderen? Sluit dan ook je browser: de inlogdienst kan je nog even onthouden.</p>
      <p>Bedenk je je? <a href="${SIGN_IN_PATH}">Log dan voor die dag in</a> en kies ‘Toch mijn account houden’.</p>
      <p><a class="button" href="/">Naar de beginpagina</a></p>
    </div>`,
  });
}
