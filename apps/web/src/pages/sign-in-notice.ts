import type { Assets } from "../http/assets.ts";
import { html } from "./html.ts";
import { page } from "./layout.ts";
import { SIGN_IN_PATH } from "./paths.ts";

/** Why signing in or out ended otherwise than expected. */
export type SignInNotice = "expired" | "refused" | "not-a-member" | "unavailable" | "signed-out-here-only";

interface Text {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  readonly again: boolean;
}

const TEXTS: Readonly<Record<SignInNotice, Text>> = {
  expired: {
    status: 400,
    title: "Dit inloggen is verlopen",
    text: "Je was al ingelogd, deed er lang over, of begon in een ander venster. Begin opnieuw.",
    again: true,
  },
  refused: {
    status: 400,
    title: "Inloggen is niet gelukt",
    text: "We konden niet vaststellen dat het antwoord van de inlogdienst klopt. Voor de zekerheid ben je niet ingelogd.",
    again: true,
  },
  "not-a-member": {
    status: 403,
    title: "Dit account heeft geen toegang",
    text: "Je bent bekend bij de inlogdienst, maar je account hoort niet bij de leden. Denk je dat dit niet klopt? Vraag het ons.",
    again: false,
  },
  unavailable: {
    status: 503,
    title: "Inloggen lukt nu even niet",
    text: "De inlogdienst is tijdelijk niet bereikbaar. Probeer het over een paar minuten opnieuw.",
    again: true,
  },
  "signed-out-here-only": {
    status: 200,
    title: "Je bent hier uitgelogd",
    text: "De inlogdienst is nu niet bereikbaar, dus daar ben je misschien nog ingelogd. Zit je op een computer van een ander? Sluit dan alle vensters van de browser.",
    again: false,
  },
};

/** The page that tells it, and its status. */
export function signInNotice(assets: Assets, notice: SignInNotice): { readonly status: number; readonly text: string } {
  const { status, title, text, again } = TEXTS[notice];
  return {
    status,
    text: page({
      assets,
      title,
      main: html`
    <div class="wrap narrow error-page">
      <p class="eyebrow">Inloggen</p>
      <h1>${title}</h1>
      <p class="lead">${text}</p>
      <p>${again ? html`<a class="button" href="${SIGN_IN_PATH}">Opnieuw inloggen</a> ` : undefined}<a href="/">Naar de beginpagina</a></p>
    </div>`,
    }),
  };
}
