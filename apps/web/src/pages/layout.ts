import type { Assets } from "../http/assets.ts";
import { DEFAULT_DISPLAY } from "../sessions/session.ts";
import type { Display } from "../sessions/session.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { PRIVACY_PATH } from "./paths.ts";

/** What surrounds the text of every page. */
export interface PageFrame {
  readonly assets: Assets;
  /** What the browser's tab says; the site's name is added. */
  readonly title: string;
  /** One sentence for search engines; pages without one are kept out of them. */
  readonly description?: string;
  /** Style sheets of this page, besides the one that all have. */
  readonly styles?: readonly string[];
  readonly display?: Display;
  /** Links that lead around the page, shown at the top. */
  readonly links?: readonly { readonly href: string; readonly text: string }[];
  /** The way to sign in, or to one's own page; nothing where nobody can sign in. */
  readonly account?: { readonly href: string; readonly text: string } | undefined;
  readonly main: Html;
}

const SITE_NAME = "Je Leefstijl Als Medicijn";

function displayClasses(display: Display): string {
  return `text-${display.textSize} contrast-${display.contrast}`;
}

/** A whole page, with the way past the navigation, the header and the footer that every page has. */
export function page(frame: PageFrame): string {
  const { assets, display = DEFAULT_DISPLAY, links = [], styles = [] } = frame;
  const description =
    frame.description === undefined
      ? html`<meta name="robots" content="noindex">`
      : html`<meta name="description" content="${frame.description}">`;
  const navigation = html`
      <nav aria-label="Op deze pagina">
        <ul>${links.map((link) => html`<li><a href="${link.href}">${link.text}</a></li>`)}</ul>
      </nav>`;
  return html`<!doctype html>
<html lang="nl" class="${displayClasses(display)}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${frame.title} · ${SITE_NAME}</title>
  ${description}
  <meta name="color-scheme" content="light dark">
  ${["site.css", ...styles].map((file) => html`<link rel="stylesheet" href="${assets.url(file)}">`)}
  <link rel="icon" href="${assets.url("favicon.svg")}" type="image/svg+xml">
</head>
<body>
  <a class="skip" href="#inhoud">Naar de inhoud</a>
  <header class="site-header">
    <div class="wrap">
      <a class="brand" href="/">
        <img src="${assets.url("favicon.svg")}" alt="" width="40" height="40">
        <span class="brand-name">JLAM <span class="brand-full">${SITE_NAME}</span></span>
      </a>${links.length === 0 ? undefined : navigation}${
        frame.account === undefined ? undefined : html`
      <a class="account-link" href="${frame.account.href}">${frame.account.text}</a>`
      }
    </div>
  </header>
  <main id="inhoud" tabindex="-1">${frame.main}
  </main>
  <footer class="site-footer">
    <div class="wrap">
      <p><strong>${SITE_NAME}</strong></p>
      <p>De informatie op deze site is algemeen en vervangt geen advies van je huisarts of andere behandelaar.
        Is het levensbedreigend? Bel <a href="tel:112">112</a>.</p>
      <p><a href="${PRIVACY_PATH}">Privacyverklaring</a></p>
    </div>
  </footer>
</body>
</html>
`.markup;
}
