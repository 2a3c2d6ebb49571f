/** The site in a real browser, over the real certificate: how it looks, what it asks, and whether everybody can use it. */
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { artefacts, browserMissing, launch, servedKey } from "./stack/chromium.ts";
import { domain, httpsPort } from "./stack/https.ts";

const origin = `https://${domain}:${httpsPort}`;

const sizes = [
  { name: "phone", width: 390, height: 844 },
  { name: "desktop", width: 1440, height: 900 },
] as const;

const missing = browserMissing;

describe.skipIf(missing !== undefined)(`the landing page in a browser${missing === undefined ? "" : ` (${missing})`}`, () => {
  let browser: Browser;

  beforeAll(async () => {
    mkdirSync(artefacts, { recursive: true });
    browser = await launch(await servedKey());
  });

  afterAll(async () => {
    await browser.close();
  });

  describe.each(sizes)("on a $name", ({ name, width, height }) => {
    let context: BrowserContext;
    let page: Page;
    const wrong: string[] = [];

    beforeAll(async () => {
      // The scan is a script that the page's own policy would rightly refuse.
      context = await browser.newContext({ viewport: { width, height }, locale: "nl-NL", bypassCSP: true });
      page = await context.newPage();
      page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()));
      page.on("pageerror", (error) => wrong.push(error.message));
      page.on("requestfailed", (request) => wrong.push(`failed: ${request.url()}`));
      page.on("request", (request) => new URL(request.url()).origin !== origin && wrong.push(`asked ${request.url()}`));
      await page.goto(origin, { waitUntil: "networkidle" });
      await page.screenshot({ path: join(artefacts, `landing-${name}.png`), fullPage: true });
    });

    afterAll(async () => {
      await context.close();
    });

    test("it loads over TLS from this site alone, without an error or a warning", () => {
      expect(page.url()).toBe(`${origin}/`);
      expect(wrong).toEqual([]);
    });

    test("it is in Dutch and has one main heading", async () => {
      expect(await page.getAttribute("html", "lang")).toBe("nl");
      expect(await page.locator("h1").count()).toBe(1);
      expect(await page.title()).not.toBe("");
    });

    test("it fits the screen", async () => {
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    });

    test("axe finds nothing against WCAG 2.2 AA", async () => {
      const { violations, passes } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
      expect(passes.length).toBeGreaterThan(5);
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(", ")}`)).toEqual([]);
    });
  });

  test("the scan finds a picture without a text", async () => {
    const context = await browser.newContext({ bypassCSP: true });
    const page = await context.newPage();
    await page.goto(origin);
    await page.evaluate("document.body.append(document.createElement('img'))");
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toContain("image-alt");
    await context.close();
  });

  test("the page's own policy keeps out a script that is not the site's", async () => {
    const page = await browser.newPage();
    const refused: string[] = [];
    page.on("console", (message) => refused.push(message.text()));
    await page.goto(origin);
    await page.evaluate("document.head.append(Object.assign(document.createElement('script'), { src: 'https://elsewhere.example/x.js' }))");
    await expect.poll(() => refused.join("\n")).toContain("Content Security Policy");
    await page.close();
  });

  test("a browser that was not told about the certificate refuses it", async () => {
    const stranger = await launch(createHash("sha256").update("another key").digest("base64"));
    try {
      const page = await stranger.newPage();
      await expect(page.goto(origin)).rejects.toThrow("ERR_CERT_AUTHORITY_INVALID");
    } finally {
      await stranger.close();
    }
  });
});
