import type { Assets } from "../http/assets.ts";
import { html } from "./html.ts";
import { page } from "./layout.ts";

interface ErrorText {
  readonly title: string;
  readonly text: string;
}

const TEXTS: Readonly<Record<number, ErrorText>> = {
  400: { title: "Dit begrijpen we niet", text: "Er klopt iets niet aan het adres of aan wat er is verstuurd. Ga terug en probeer het opnieuw." },
  403: {
    title: "Dit formulier is verlopen",
    text: "We konden niet vaststellen dat dit formulier van deze site kwam. Open de pagina opnieuw en verstuur het nog een keer.",
  },
  404: { title: "Deze pagina bestaat niet", text: "Misschien is het adres verkeerd overgenomen, of is de pagina verhuisd." },
  413: { title: "Dit is te groot", text: "Wat je verstuurde is groter dan we kunnen aannemen." },
  429: { title: "Even rustig aan", text: "Er kwamen te veel verzoeken achter elkaar. Wacht een minuut en probeer het opnieuw." },
  503: { title: "Dit lukt nu even niet", text: "Een onderdeel van de site is tijdelijk niet bereikbaar. Probeer het over een paar minuten opnieuw." },
};

const CLIENT_ERROR: ErrorText = { title: "Dit kunnen we niet verwerken", text: "Ga terug en probeer het opnieuw." };

const SERVER_ERROR: ErrorText = {
  title: "Er ging iets mis",
  text: "De fout ligt bij ons en is vastgelegd. Probeer het over een paar minuten opnieuw.",
};

/** The page for an error's status. `requestId` lets a person name the case without telling anything about themselves. */
export function errorPage(assets: Assets, status: number, requestId: string): string {
  const { title, text } = TEXTS[status] ?? (status < 500 ? CLIENT_ERROR : SERVER_ERROR);
  const reference =
    status < 500 ? undefined : html`<p class="quiet">Blijft het misgaan? Noem dan deze code: <code>${requestId}</code></p>`;
  return page({
    assets,
    title,
    main: html`
    <div class="wrap narrow error-page">
      <p class="eyebrow">Foutcode ${status}</p>
      <h1>${title}</h1>
      <p class="lead">${text}</p>
      <p><a class="button" href="/">Naar de beginpagina</a></p>
      ${reference}
    </div>`,
  });
}
