import type { Display } from "../sessions/session.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";

/** Where the form is sent to. */
export const DISPLAY_PATH = "/weergave";

interface Choice {
  readonly value: string;
  readonly text: string;
}

const TEXT_SIZES: readonly (Choice & { readonly value: Display["textSize"] })[] = [
  { value: "normal", text: "Gewoon" },
  { value: "large", text: "Groot" },
  { value: "larger", text: "Extra groot" },
];

const CONTRASTS: readonly (Choice & { readonly value: Display["contrast"] })[] = [
  { value: "normal", text: "Gewoon" },
  { value: "high", text: "Hoog" },
];

function choices(legend: string, name: keyof Display, options: readonly Choice[], chosen: string): Html {
  return html`
        <fieldset>
          <legend>${legend}</legend>
          ${options.map(
            (option) => html`<label class="choice"><input type="radio" name="${name}" value="${option.value}"${
              option.value === chosen ? html` checked` : undefined
            }><span>${option.text}</span></label>`,
          )}
        </fieldset>`;
}

/** The form with which visitors choose how pages look; `token` is that of their session, if they have one. */
export function displayForm(display: Display, token: string | undefined): Html {
  return html`
      <form class="display-form" method="post" action="${DISPLAY_PATH}">
        ${token === undefined ? undefined : html`<input type="hidden" name="token" value="${token}">`}
        ${choices("Lettergrootte", "textSize", TEXT_SIZES, display.textSize)}
        ${choices("Contrast", "contrast", CONTRASTS, display.contrast)}
        <button class="button" type="submit">Weergave opslaan</button>
      </form>`;
}
