import type { SiteMessage } from "../database/site-message.ts";
import type { Assets } from "../http/assets.ts";
import type { Display } from "../sessions/session.ts";
import { displayForm } from "./display-form.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { page } from "./layout.ts";
import { ACCOUNT_PATH, SIGN_IN_PATH } from "./paths.ts";
import { pillars } from "./pillars.ts";

/** What the landing page shows besides its own text. */
export interface LandingPage {
  readonly assets: Assets;
  readonly message: SiteMessage | undefined;
  readonly display: Display;
  readonly formToken: string | undefined;
  /** Whether somebody is signed in; undefined where nobody can. */
  readonly signedIn: boolean | undefined;
}

function banner(message: SiteMessage | undefined): Html | undefined {
  if (message === undefined) return undefined;
  return html`
    <section class="banner" aria-label="Mededeling">
      <div class="wrap"><p><strong>Mededeling:</strong> ${message.message}</p></div>
    </section>`;
}

const hero = (assets: Assets): Html => html`
    <section class="hero">
      <div class="wrap hero-grid">
        <div>
          <p class="eyebrow">Leefstijl en gezondheid</p>
          <h1>Je leefstijl als medicijn</h1>
          <p class="lead">Hoe je eet, beweegt, slaapt en ontspant, heeft invloed op hoe je je voelt en op hoe een ziekte
            verloopt. Niet in plaats van zorg, maar samen met je behandelaar. En in stappen die bij jouw leven passen.</p>
          <p><a class="button" href="#beginnen">Begin met één kleine stap</a></p>
        </div>
        <img class="hero-image" src="${assets.url("leaf.svg")}" alt="" width="420" height="420">
      </div>
    </section>`;

const pillarSection: Html = html`
    <section id="pijlers" class="wrap section" aria-labelledby="pijlers-kop">
      <h2 id="pijlers-kop">Zes dingen waar je zelf iets aan kunt doen</h2>
      <p class="intro">Je hoeft ze niet allemaal tegelijk aan te pakken. Kies er één waar je zin in hebt.</p>
      <ul class="pillars">
        ${pillars.map(
          (pillar) => html`<li class="pillar">
          <svg class="icon" viewBox="0 0 24 24" width="40" height="40" aria-hidden="true" focusable="false">${pillar.icon}</svg>
          <h3>${pillar.name}</h3>
          <p>${pillar.why}</p>
          <p class="step"><strong>Kleine stap</strong> ${pillar.step}</p>
        </li>
        `,
        )}
      </ul>
    </section>`;

const beginSection: Html = html`
    <section id="beginnen" class="section tinted" aria-labelledby="beginnen-kop">
      <div class="wrap">
        <h2 id="beginnen-kop">Zo begin je</h2>
        <ol class="steps">
          <li><h3>Kies één ding</h3><p>Iets kleins dat je deze week al kunt doen. Zo klein dat het bijna niet kan mislukken.</p></li>
          <li><h3>Kies een vast moment</h3><p>Koppel het aan iets wat je toch al doet: na het ontbijt, na het werk, voor het slapen.</p></li>
          <li><h3>Kijk na een week terug</h3><p>Wat ging vanzelf, wat niet? Maak de stap kleiner of groter. Een dag overslaan is geen terugval.</p></li>
        </ol>
      </div>
    </section>`;

const careSection: Html = html`
    <section id="zorg" class="wrap section" aria-labelledby="zorg-kop">
      <div class="note">
        <h2 id="zorg-kop">Overleg met je behandelaar</h2>
        <p>Gebruik je medicijnen, bijvoorbeeld voor diabetes of bloeddruk? Als je anders gaat eten of meer gaat bewegen, kan
          je lichaam een andere dosis nodig hebben. <strong>Verander of stop medicijnen nooit op eigen houtje.</strong>
          Bespreek je plan eerst met je huisarts, praktijkondersteuner of specialist.</p>
        <p>Doe dat ook als je zwanger bent, een eetstoornis hebt of hebt gehad, of klachten krijgt die je niet kent.</p>
      </div>
    </section>`;

function displaySection(display: Display, token: string | undefined): Html {
  return html`
    <section id="weergave" class="section tinted" aria-labelledby="weergave-kop">
      <div class="wrap two-columns">
        <div>
          <h2 id="weergave-kop">Lees zoals jij het prettig vindt</h2>
          <p>Maak de letters groter of het contrast hoger. We onthouden je keuze tot je je browser sluit of een half uur
            niets hebt gedaan.</p>
          <h3>Jouw privacy op deze pagina</h3>
          <p>Om te lezen heb je geen cookies nodig en we gebruiken geen volgsoftware. Alleen als je hier iets kiest,
            plaatsen we één cookie om die keuze te onthouden. Kies je weer ‘Gewoon’, dan is hij weg.</p>
        </div>
        ${displayForm(display, token)}
      </div>
    </section>`;
}

const accountLink = (signedIn: boolean | undefined): { readonly href: string; readonly text: string } | undefined => {
  if (signedIn === undefined) return undefined;
  return signedIn ? { href: ACCOUNT_PATH, text: "Mijn account" } : { href: SIGN_IN_PATH, text: "Inloggen" };
};

/** The page that the site begins with. */
export function landingPage(parts: LandingPage): string {
  return page({
    assets: parts.assets,
    title: "Gezond leven in kleine stappen",
    description:
      "Voeding, beweging, slaap, ontspanning en verbinding als onderdeel van je behandeling: begin met één kleine stap.",
    display: parts.display,
    account: accountLink(parts.signedIn),
    links: [
      { href: "#pijlers", text: "Zes pijlers" },
      { href: "#beginnen", text: "Zo begin je" },
      { href: "#zorg", text: "Met je behandelaar" },
      { href: "#weergave", text: "Weergave" },
    ],
    main: html`${banner(parts.message)}${hero(parts.assets)}${pillarSection}${beginSection}${careSection}${displaySection(
      parts.display,
      parts.formToken,
    )}`,
  });
}
