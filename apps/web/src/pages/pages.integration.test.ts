import { access } from "node:fs/promises";

import axe from "axe-core";
import type { FastifyInstance } from "fastify";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import { buildApplication } from "../application.ts";
import { testParts } from "../testing/application.ts";

/** Where Debian's package chromium puts it. */
const BROWSER = "/usr/bin/chromium";

const hasBrowser = await access(BROWSER).then(
  () => true,
  (error: unknown) => {
    if (process.env["JLAM_REQUIRE_ALL"] === "1") throw error;
    return false;
  },
);

const scanSchema = z.object({ violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) })) });

describe.skipIf(!hasBrowser)("pages in a browser (needs Debian's chromium)", () => {
  let application: FastifyInstance;
  let origin: string;
  let browser: Browser;

  beforeAll(async () => {
    const { parts } = await testParts();
    const message = { kind: "notice", message: "Zondag tussen 6.00 en 7.00 uur werken we aan de site." } as const;
    application = await buildApplication({ ...parts, siteMessage: async () => message });
    origin = await application.listen({ host: "127.0.0.1", port: 0 });
    browser = await chromium.launch({ executablePath: BROWSER, args: ["--no-sandbox", "--disable-background-networking"] });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await application.close();
  });

  /** Opens a page the way a visitor would, and calls `use` with it and with what went wrong on the way. */
  async function visit(
    path: string,
    options: { readonly width: number; readonly dark?: boolean; readonly scripted?: boolean },
    use: (page: Page, wrong: readonly string[]) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext({
      viewport: { width: options.width, height: 800 },
      colorScheme: options.dark === true ? "dark" : "light",
      // The scan is a script that the page's own policy would refuse.
      bypassCSP: options.scripted === true,
    });
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on("console", (message) => wrong.push(message.text()));
    page.on("request", (request) => {
      if (!request.url().startsWith(origin)) wrong.push(`asked ${request.url()}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400 && !response.url().endsWith(path)) wrong.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(origin + path);
    await use(page, wrong);
    await context.close();
  }

  test.each([
    ["a narrow phone", 320],
    ["a phone", 375],
    ["a desktop", 1280],
  ])("the landing page fits the width of %s, keeps to its policy and asks no other host", async (_device, width) => {
    await visit("/", { width }, async (page, wrong) => {
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(wrong).toEqual([]);
    });
  });

  test.each([
    ["/", false],
    ["/", true],
    ["/bestaat-niet", false],
    ["/bestaat-niet", true],
  ])("%s has no accessibility defect that axe finds (dark: %s)", async (path, dark) => {
    await visit(path, { width: 375, dark, scripted: true }, async (page) => {
      await page.addScriptTag({ content: axe.source });
      const { violations } = scanSchema.parse(await page.evaluate("axe.run()"));
      expect(violations).toEqual([]);
    });
  });

  test("the first press of Tab offers the way past the navigation", async () => {
    await visit("/", { width: 1280 }, async (page) => {
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Naar de inhoud");
      await page.keyboard.press("Enter");
      expect(await page.evaluate("document.activeElement.id")).toBe("inhoud");
    });
  });
});
