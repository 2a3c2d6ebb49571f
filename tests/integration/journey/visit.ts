/** One member's browser: everything that goes wrong in it is kept, and each page is looked at in the same way. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { artefacts } from "../stack/chromium.ts";
import { auth, site } from "../sign-in/person.ts";

export interface Screen {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

export interface Visit {
  readonly page: Page;
  /** Console errors, failed requests, requests to hosts that aren't ours, and what was found on pages. */
  readonly wrong: readonly string[];
  /** Whether Chromium dropped a connection because of the machine's networks, which says nothing about the site. */
  readonly disturbed: () => boolean;
  /** Opens a page of the site by its path. */
  readonly go: (path: string) => Promise<void>;
  /** Checks the page that is open, in light and in dark, and keeps a picture of it. */
  readonly look: (name: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

const ours: readonly string[] = [site, auth];
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Chromium gives up what it is loading when an interface comes or goes, which every container on the machine makes happen. */
const networkChanged = "net::ERR_NETWORK_CHANGED";

/** A navigation that became a download is a failure to Chromium. */
const becameDownload = "net::ERR_ABORTED";

/** Opens a browser window of this size with nothing in it. The pages' own content policy holds. */
export async function openVisit(browser: Browser, screen: Screen): Promise<Visit> {
  const { name: size, width, height } = screen;
  const folder = join(artefacts, "journey", size);
  mkdirSync(folder, { recursive: true });
  const context = await browser.newContext({ viewport: { width, height }, locale: "nl-NL", timezoneId: "Europe/Amsterdam", hasTouch: size === "phone" });
  // On two busy processors a page may take its time; how long it takes is measured by bench/web.ts.
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();

  const wrong: string[] = [];
  let disturbances = 0;
  let reloaded = 0;
  const note = (text: string): void => {
    if (text.includes(networkChanged)) disturbances += 1;
    else if (!text.includes(becameDownload)) wrong.push(text);
  };
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && note(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => note(`${page.url()}: ${error.message}`));
  page.on("requestfailed", (request) => note(`failed: ${request.url()} ${request.failure()?.errorText ?? ""}`));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== "data:" && !ours.includes(origin)) note(`asked ${request.url()}`);
  });

  const scan = async (name: string): Promise<void> => {
    const { violations, passes } = await new AxeBuilder({ page }).withTags(rules).analyze();
    if (passes.length <= 5) note(`${name}: axe found only ${passes.length} things to check`);
    for (const { id, nodes } of violations) note(`${name}: ${id}: ${nodes.map(({ html }) => html).join(", ")}`);
  };

  let count = 0;
  const look: Visit["look"] = async (name) => {
    if (disturbances > reloaded) {
      reloaded = disturbances;
      await page.reload();
    }
    count += 1;
    // A click on a link comes back before the page that it leads to is there.
    await page.waitForLoadState();
    if ((await page.locator("h1").count()) !== 1) note(`${name}: not one main heading`);
    if ((await page.getAttribute("html", "lang")) !== "nl") note(`${name}: not in Dutch`);
    const wide = Number(await page.evaluate("document.documentElement.scrollWidth"));
    if (wide > width) note(`${name}: ${wide} pixels wide, where ${width} are there`);
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({ path: join(folder, `${String(count).padStart(2, "0")}-${name}-${scheme}.png`), fullPage: true });
      await scan(`${name} in ${scheme}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
  };

  return { page, wrong, disturbed: () => disturbances > 0, go: async (path) => void (await page.goto(site + path)), look, close: () => context.close() };
}
