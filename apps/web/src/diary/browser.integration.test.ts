/** The diary's pages in Chromium: do they fit, keep to their policy, work with a keyboard and without a defect that axe finds? */
import { access } from "node:fs/promises";

import axe from "axe-core";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import { asMember } from "../database/members.ts";
import { demonstrationDay } from "../demonstration/diary-day.ts";
import { createAccessLog } from "../privacy/access-log.ts";
import { decideConsent } from "../privacy/consents.ts";
import { TEST_ORIGIN } from "../testing/application.ts";
import { postgresImage, redisImage } from "../testing/containers.ts";
import { startMemberWorld } from "../testing/member-world.ts";
import type { MemberWorld } from "../testing/member-world.ts";
import { dayAt, plusDays } from "./day.ts";
import { createDiary } from "./diary.ts";

/** Where Debian's package chromium puts it. */
const BROWSER = "/usr/bin/chromium";

const hasBrowser = await access(BROWSER).then(
  () => true,
  (error: unknown) => {
    if (process.env["JLAM_REQUIRE_ALL"] === "1") throw error;
    return false;
  },
);
const [postgres, redisName] = [await postgresImage(), await redisImage()];
const TODAY = dayAt(Date.now());
const DAY = `/dagboek/${plusDays(TODAY, -1)}`;

const scanSchema = z.object({ violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) })) });

describe.skipIf(!hasBrowser || postgres === undefined || redisName === undefined)("the diary in a browser (needs Debian's chromium and images of postgres and redis)", () => {
  let world: MemberWorld;
  let browser: Browser;
  let cookie: string;

  beforeAll(async () => {
    world = await startMemberWorld(postgres ?? "", redisName ?? "");
    const { browser: signedIn, memberId } = await world.signIn("Noor");
    await asMember(world.database, memberId, (transaction) => decideConsent(transaction, memberId, "health-data", "given"));
    const diary = createDiary(world.database, createAccessLog(Buffer.alloc(32)));
    for (let day = plusDays(TODAY, -30); day < TODAY; day = plusDays(day, 1)) {
      const entry = demonstrationDay("member", day);
      if (entry !== undefined) await diary.put(memberId, entry);
    }
    cookie = signedIn.cookie(TEST_ORIGIN, "__Host-session") ?? "";
    browser = await chromium.launch({ executablePath: BROWSER, args: ["--no-sandbox", "--disable-background-networking"] });
  }, 180_000);

  afterAll(async () => {
    await browser.close();
    await world.stop();
  });

  interface Visit {
    readonly width: number;
    readonly dark?: boolean;
    /** The scan is a script that the page's own policy would refuse. */
    readonly scripted?: boolean;
  }

  /** Opens a page as its member does, and calls `use` with it and with what went wrong on the way. */
  async function visit(path: string, { width, dark = false, scripted = false }: Visit, use: (page: Page, wrong: readonly string[]) => Promise<void>): Promise<void> {
    const origin = `http://127.0.0.1:${world.application.port}`;
    const context = await browser.newContext({
      viewport: { width, height: 844 },
      colorScheme: dark ? "dark" : "light",
      bypassCSP: scripted,
      // Over plain HTTP the browser would keep no cookie of this name.
      extraHTTPHeaders: { cookie: `__Host-session=${cookie}` },
    });
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on("console", (message) => wrong.push(message.text()));
    page.on("request", (request) => {
      if (!request.url().startsWith(origin)) wrong.push(`asked ${request.url()}`);
    });
    await page.goto(origin + path);
    expect(await page.title()).toContain("Dagboek");
    await use(page, wrong);
    await context.close();
  }

  const PATHS = ["/dagboek", "/dagboek?dagen=90", DAY];

  test.each(PATHS.flatMap((path) => [320, 390, 1280].map((width) => [path, width] as const)))(
    "%s fits the width of %d, keeps to its policy and asks no other host",
    async (path, width) => {
      await visit(path, { width }, async (page, wrong) => {
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
        expect(wrong).toEqual([]);
      });
    },
  );

  test.each(PATHS.flatMap((path) => [false, true].map((dark) => [path, dark] as const)))("%s has no accessibility defect that axe finds (dark: %s)", async (path, dark) => {
    await visit(path, { width: 390, dark, scripted: true }, async (page) => {
      await page.addScriptTag({ content: axe.source });
      const { violations } = scanSchema.parse(await page.evaluate("axe.run()"));
      expect(violations).toEqual([]);
    });
  });

  test("with the keyboard the fields come in the order in which they stand, and the button last", async () => {
    await visit("/dagboek", { width: 390 }, async (page) => {
      await page.focus("#veld-gewicht");
      const names = ["gewicht"];
      for (let step = 0; step < 5; step += 1) {
        await page.keyboard.press("Tab");
        names.push(String(await page.evaluate("document.activeElement.name || document.activeElement.textContent")));
      }
      expect(names).toEqual(["gewicht", "glucose", "stappen", "slaap", "stemming", "Bewaren"]);
    });
  });

  test("everything that a finger has to hit is at least 44 pixels high", async () => {
    await visit("/dagboek", { width: 390, scripted: true }, async (page) => {
      const heights = z.array(z.number()).parse(await page.evaluate("[...document.querySelectorAll('.day-form input[type=text], .mood-choices .mood, .day-form button')].map((element) => element.getBoundingClientRect().height)"));
      expect(heights).toHaveLength(10);
      expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
    });
  });
});
