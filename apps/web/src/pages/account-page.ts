import type { Assets } from "../http/assets.ts";
import type { Display } from "../sessions/session.ts";
import { html } from "./html.ts";
import { page } from "./layout.ts";
import { SIGN_OUT_PATH } from "./paths.ts";

/** What a member's own page shows. */
export interface AccountPage {
  readonly assets: Assets;
  readonly display: Display;
  /** Empty when the provider told none. */
  readonly name: string;
  readonly since: Date;
  readonly formToken: string | undefined;
}

/** A day as people in the Netherlands write it. */
const day = new Intl.DateTimeFormat("nl-NL", { dateStyle: "long", timeZone: "Europe/Amsterdam" });

/** The page of whoever is signed in. */
export function accountPage(parts: AccountPage): string {
  return page({
    assets: parts.assets,
    title: "Mijn account",
    display: parts.display,
    main: html`
    <div class="wrap narrow error-page">
      <p class="eyebrow">Mijn account</p>
      <h1>${parts.name === "" ? "Welkom" : `Welkom, ${parts.name}`}</h1>
      <p class="lead">Je bent ingelogd. Lid sinds ${day.format(parts.since)}.</p>
      <p>Je naam bewaren we alleen zolang je bent ingelogd. In onze database sta je zonder naam en zonder e-mailadres.</p>
      <form method="post" action="${SIGN_OUT_PATH}">
        <input type="hidden" name="token" value="${parts.formToken ?? ""}">
        <button class="button" type="submit">Uitloggen</button>
      </form>
    </div>`,
  });
}
