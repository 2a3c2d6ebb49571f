import type { FastifyInstance } from "fastify";

import type { SiteMessage } from "../database/site-message.ts";
import type { Assets } from "../http/assets.ts";
import { html } from "./html.ts";
import { page } from "./layout.ts";

/** Seconds after which browsers and search engines may look again. The message itself says how long it takes. */
const RETRY_AFTER = 300;

/** What everybody sees while the site is closed. */
function maintenancePage(assets: Assets, message: string): string {
  return page({
    assets,
    title: "Onderhoud",
    main: html`
    <div class="wrap narrow error-page">
      <p class="eyebrow">Onderhoud</p>
      <h1>We zijn zo terug</h1>
      <p class="lead">${message}</p>
      <p>Wat je eerder hebt ingevuld, is bewaard. Je hoeft niets te doen.</p>
      <p>Heb je nu medische hulp nodig? Bel je huisarts, of <a href="tel:112">112</a> als het levensbedreigend is.</p>
    </div>`,
  });
}

/**
 * Answers every request with status 503 and a page that says why, for as long as operators have a message of the kind
 * `maintenance` on the site. `open` are the routes that go on: checks, what pages are drawn with, and operators' own.
 */
export function closeForMaintenance(
  application: FastifyInstance,
  { assets, siteMessage }: { readonly assets: Assets; readonly siteMessage: () => Promise<SiteMessage | undefined> },
  open: readonly (string | undefined)[],
): void {
  application.addHook("onRequest", async (request, reply) => {
    if (open.includes(request.routeOptions.url)) return;
    const message = await siteMessage();
    if (message?.kind !== "maintenance") return;
    await reply
      .code(503)
      .header("retry-after", RETRY_AFTER)
      .header("cache-control", "no-store")
      .type("text/html; charset=utf-8")
      .send(maintenancePage(assets, message.message));
  });
}
