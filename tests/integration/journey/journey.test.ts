/** What a member does, in a real browser through Traefik on https: from making an account to leaving it. */
import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { isSkipped, site, standInMissing, titled, today } from "../sign-in/person.ts";
import { browserMissing, launch, servedKey } from "../stack/chromium.ts";
import { openVisit, type Screen, type Visit } from "./visit.ts";

const missing = browserMissing ?? standInMissing();

const screens: readonly Screen[] = [
  { name: "phone", width: 390, height: 844 },
  { name: "desktop", width: 1280, height: 800 },
];

const password = "een fiets en twee appels";
const exported = z.object({ gegevens: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))) });

/** The day before today in the Netherlands. */
const yesterday = (): string => new Date(Date.parse(`${today()}T12:00:00Z`) - 86_400_000).toISOString().slice(0, 10);

describe.skipIf(isSkipped(missing))(titled("a member's journey", missing), () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch(await servedKey());
  });
  afterAll(async () => {
    await browser.close();
  });

  test.each(screens)("on a $name: account, consent, diary, chart, export, erasure, and out", { timeout: 900_000 }, async (screen) => {
    for (let attempt = 1; ; attempt += 1) {
      const visit = await openVisit(browser, screen);
      try {
        await walk(visit, screen.name);
      } catch (error) {
        if (!visit.disturbed() || attempt === attempts) throw error;
        continue;
      } finally {
        await visit.close();
      }
      expect(visit.wrong).toEqual([]);
      return;
    }
  });

  test("what is wrong on a page is seen", async () => {
    const visit = await openVisit(browser, { name: "control", width: 390, height: 844 });
    try {
      await visit.go("/");
      await visit.page.evaluate("document.body.append(Object.assign(document.createElement('h1'), { style: 'width: 900px', innerHTML: '<img>' })); console.error('a planted error'); fetch('https://elsewhere.example').catch(() => undefined)");
      await visit.look("planted");
      const seen = visit.wrong.join("\n");
      for (const sign of ["not one main heading", "pixels wide", "image-alt", "a planted error", "elsewhere.example"]) expect(seen).toContain(sign);
    } finally {
      await visit.close();
    }
  });
});

/** How often a journey that the machine's networks disturbed is begun anew. */
const attempts = 3;

async function walk(visit: Visit, size: string): Promise<void> {
  await signUp(visit, size);
  await agree(visit);
  await fillInTwoDays(visit);
  await takeData(visit);
  await seeWhoLooked(visit);
  await askToBeForgotten(visit);
  await stayAndLeave(visit);
}

async function signUp({ page, go, look }: Visit, size: string): Promise<void> {
  await go("/");
  await look("home");
  await page.getByRole("link", { name: "Inloggen" }).first().click();
  await page.getByRole("heading", { name: "Inloggen" }).waitFor();
  await look("sign-in");
  await page.getByRole("link", { name: "Maak een account" }).click();
  await page.getByLabel("Wachtwoord nog een keer").waitFor();
  await look("sign-up");
  await page.getByLabel("Naam", { exact: true }).fill("Mila Jansen");
  await page.getByLabel("E-mailadres").fill(`mila-${size}-${Date.now()}@voorbeeld.nl`);
  await page.getByLabel("Wachtwoord", { exact: true }).fill(password);
  await page.getByLabel("Wachtwoord nog een keer").fill(password);
  await page.getByRole("button", { name: "Account maken" }).click();
  await page.getByRole("heading", { name: "Welkom, Mila Jansen" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/account");
  await look("account");
}

async function agree({ page, look }: Visit): Promise<void> {
  await page.getByRole("link", { name: "Dagboek" }).click();
  await page.getByRole("heading", { name: "Eerst je toestemming" }).waitFor();
  await look("diary-without-consent");
  await page.getByRole("link", { name: "Naar toestemming" }).click();
  await look("consent-asked");
  const purpose = page.locator("#health-data");
  await purpose.getByRole("button", { name: "Toestemming geven" }).click();
  await purpose.getByText("Je gaf toestemming").waitFor();
  await look("consent-given");
}

async function fillInTwoDays({ page, go, look }: Visit): Promise<void> {
  await go("/dagboek");
  await look("diary-empty");
  await page.getByLabel(/^Gewicht/).fill("veel");
  expect(await page.locator("svg").count()).toBe(0);
  await page.getByLabel(/^Gewicht/).fill("81,4");
  await page.getByLabel(/^Stappen/).fill("6200");
  await page.getByRole("radio", { name: /^4/ }).check({ force: true });
  await page.getByRole("button", { name: "Bewaren" }).click();
  await page.getByRole("status").getByText("Bewaard").waitFor();
  await page.getByRole("link", { name: "Gisteren invullen" }).click();
  await page.getByLabel(/^Gewicht/).fill("81,9");
  await look("day-before");
  await page.getByRole("button", { name: "Bewaren" }).click();
  await page.getByRole("status").getByText("Bewaard").waitFor();
  // The chart says in words what it shows.
  await page.getByRole("img", { name: /81,4/ }).first().waitFor();
  await look("diary-with-chart");
}

async function takeData({ page, go }: Visit): Promise<void> {
  const download = async (link: RegExp): Promise<string> => {
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: link }).click()]);
    return readFileSync(await file.path(), "utf8");
  };
  await go("/account");
  const json = await download(/JSON/);
  const { gegevens } = exported.parse(JSON.parse(json));
  expect(Object.keys(gegevens).length).toBeGreaterThanOrEqual(4);
  for (const text of [json, await download(/CSV/)]) {
    expect(text).toContain("Mila Jansen");
    expect(text).toMatch(/81[.,]4/);
    expect(text).toContain(yesterday());
    expect(text).not.toContain("Noor de Vries");
  }
}

async function seeWhoLooked({ page, go, look }: Visit): Promise<void> {
  await page.getByRole("link", { name: "Wie zag mijn gegevens" }).click();
  await page.getByRole("heading", { name: "Wie zag mijn gegevens" }).waitFor();
  expect(await page.getByText("Jijzelf").count()).toBeGreaterThan(3);
  await look("access-log");
  await go("/privacy");
  await look("privacy-notice");
}

async function askToBeForgotten({ page, go, look }: Visit): Promise<void> {
  await go("/account");
  await page.getByRole("link", { name: "Mijn account en al mijn gegevens verwijderen" }).click();
  await look("erasure");
  await page.getByLabel(/^Typ het woord/).fill("verwijderen");
  await page.getByRole("button", { name: "Verwijder mijn account" }).click();
  await page.getByText("verwijderd").first().waitFor();
  await look("erasure-asked");
  await go("/dagboek");
  // The session here is over; the provider still knows who this is, and the diary is still there until the last day.
  await page.getByRole("heading", { name: "Vandaag" }).waitFor();
}

async function stayAndLeave({ page, go, look }: Visit): Promise<void> {
  await go("/account");
  await page.getByRole("heading", { name: /^Je account wordt verwijderd op/ }).waitFor();
  await look("account-until-erasure");
  await page.getByRole("button", { name: "Uitloggen" }).click();
  await page.getByRole("heading", { name: "Uitloggen" }).waitFor();
  await look("sign-out");
  await page.getByRole("button", { name: "Uitloggen" }).click();
  await page.waitForURL(`${site}/`);
  await go("/account");
  await page.getByRole("heading", { name: "Inloggen" }).waitFor();
}
