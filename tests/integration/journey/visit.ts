/** One member's browser: everything that goes wrong in it is kept, and each page is looked at in the same way. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { artefacts } from "../stack/chromium.ts";
import { auth, site } from "../sign-in/person.ts";

export interface Screen {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

export interface Visit {
  readonly page: Page;
  /** Console errors, failed requests and requests to hosts that aren't ours. */
  readonly wrong: readonly string[];
  /** Opens a page of the site by its path. */
  readonly go: (path: string) => Promise<void>;
  /** Checks the page that is open, in light and in dark, and keeps a picture of it. */
  readonly look: (name: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

const ours: readonly string[] = [site, auth];

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
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`${page.url()}: ${error.message}`));
  page.on("requestfailed", (request) => isHarmless(request.failure()?.errorText) || wrong.push(`failed: ${request.url()} ${request.failure()?.errorText ?? ""}`));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== "data:" && !ours.includes(origin)) wrong.push(`asked ${request.url()}`);
  });

  let count = 0;
  const look: Visit["look"] = async (name) => {
    count += 1;
    const file = (scheme: string): string => join(folder, `${String(count).padStart(2, "0")}-${name}${scheme}.png`);
    expect.soft(await page.locator("h1").count(), `${name}: main headings`).toBe(1);
    expect.soft(await page.getAttribute("html", "lang"), `${name}: language`).toBe("nl");
    expect.soft(await page.evaluate("document.documentElement.scrollWidth"), `${name}: width`).toBeLessThanOrEqual(width);
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({ path: file(scheme === "light" ? "" : "-dark"), fullPage: true });
      const { violations, passes } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
      expect.soft(passes.length, `${name}: checks of axe`).toBeGreaterThan(5);
      expect.soft(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(", ")}`), `${name} in ${scheme}`).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: "light" });
  };

  const go: Visit["go"] = async (path) => {
    const open = async () => void (await page.goto(site + path));
    await open().catch(async (error: unknown) => {
      if (!(error instanceof Error) || !error.message.includes(networkChanged)) throw error;
      await open();
    });
  };

  return { page, wrong, go, look, close: () => context.close() };
}

/** Chromium gives up what it is loading when an interface comes or goes, which every container on the machine makes happen. */
const networkChanged = "net::ERR_NETWORK_CHANGED";

/** A navigation that became a download is a failure to Chromium. */
const isHarmless = (error: string | undefined): boolean => error === "net::ERR_ABORTED" || error === networkChanged;
