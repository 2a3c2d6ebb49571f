/** Pages in Chromium with a network and a processor as slow phones have them. */
import type { Browser, BrowserContext } from "playwright-core";
import { percentile } from "./open-loop.ts";
import { milliseconds } from "./table.ts";

interface Profile {
  readonly name: string;
  /** Added to each request, in milliseconds. */
  readonly latency: number;
  /** Bits per second. */
  readonly download: number;
  readonly upload: number;
  readonly processorSlowdown: number;
}

/** Lighthouse's mobile defaults (core/config/constants.js, mobileSlow4G): as its round trip, and as it sets DevTools, for which it takes 3.75 round trips a request. */
const profiles: readonly Profile[] = [
  { name: "slow 4G, 150 ms, 4x CPU", latency: 150, download: 1_638_400, upload: 768_000, processorSlowdown: 4 },
  { name: "slow 4G as DevTools, 562 ms, 4x CPU", latency: 562.5, download: 1_474_560, upload: 691_200, processorSlowdown: 4 },
];

const loads = 7;

/** What the slowed-down processor alone costs on this machine: one word, answered inside the browser. */
const floor = "/one-word";

interface Load {
  readonly firstPaint: number;
  readonly loaded: number;
  readonly bytes: number;
}

/** One page with nothing in the cache. */
async function load(context: BrowserContext, url: string, profile: Profile): Promise<Load> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const { latency, download, upload, processorSlowdown } = profile;
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", { offline: false, latency, downloadThroughput: download / 8, uploadThroughput: upload / 8 });
  await session.send("Emulation.setCPUThrottlingRate", { rate: processorSlowdown });
  let bytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => void (bytes += encodedDataLength));
  await page.goto(url, { waitUntil: "load", timeout: 60_000 });
  // A moment for the last paint to be written down.
  await page.waitForTimeout(200);
  const firstPaint = Number(await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime"));
  const loaded = Number(await page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"));
  await page.close();
  return { firstPaint, loaded, bytes };
}

/** A row for each page and profile, with a page of one word as the floor; `cookie` is a member's session. */
export async function pageRows(browser: Browser, site: string, cookie: string): Promise<readonly (readonly string[])[]> {
  const [name = "", value = ""] = cookie.split("=");
  const rows: (readonly string[])[] = [];
  for (const path of [floor, "/", "/dagboek"]) {
    for (const profile of profiles) {
      const measured: Load[] = [];
      for (let count = 0; count < loads; count += 1) {
        const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
        await context.addCookies([{ name, value, url: site, httpOnly: true, secure: true, sameSite: "Lax" }]);
        await context.route(site + floor, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><p>hallo" }));
        measured.push(await load(context, site + path, profile));
        await context.close();
      }
      const loaded = measured.map((each) => each.loaded);
      const paints = measured.map((each) => each.firstPaint);
      const bytes = Math.max(...measured.map((each) => each.bytes));
      rows.push([path === floor ? "one word, no network" : path, profile.name, String(loads), milliseconds(percentile(paints, 0.5)), milliseconds(percentile(loaded, 0.5)), milliseconds(Math.max(...loaded)), `${(bytes / 1024).toFixed(0)} KiB`]);
    }
  }
  return rows;
}
