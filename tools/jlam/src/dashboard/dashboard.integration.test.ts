/** The dashboard and the picture behind it, before real containers, and in a real browser. */
import { existsSync } from "node:fs";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describePicture } from "../monitoring/picture-text.ts";
import { takePicture, type Picture } from "../monitoring/picture.ts";
import { addressOf, ensureDashboard, stopDashboard } from "./detached.ts";
import { startDashboard, type Dashboard } from "./server.ts";
import { bootWatchedTrial, hostile, type WatchedTrial } from "./watched-trial.fixture.ts";

/** Where Debian's package chromium puts it. */
const program = "/usr/bin/chromium";
const browserMissing = existsSync(program) || process.env["JLAM_REQUIRE_ALL"] === "1" ? undefined : `no browser at ${program}`;

let trial: WatchedTrial;
let dashboard: Dashboard;

const picture = (): Promise<Picture> => takePicture(trial.environment, trial.root);

async function until<T>(look: () => Promise<T>, good: (seen: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 100_000; ; await sleep(200)) {
    const seen = await look();
    if (good(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`did not come about in 100 s: ${JSON.stringify(seen)}`);
  }
}

beforeAll(async () => {
  trial = await bootWatchedTrial();
  dashboard = await startDashboard({ environment: trial.environment, root: trial.root });
  await until(picture, ({ monitoring }) => monitoring.kind === "read" && monitoring.alerts.length > 1 && monitoring.budgets.every(({ left }) => left !== undefined));
});

afterAll(async () => {
  await dashboard.close();
  await trial.remove();
});

describe("a picture of an environment", () => {
  test("has its services as Docker sees them, and alerts and error budgets as Prometheus does, the gravest first", async () => {
    const { services, monitoring } = await until(picture, (seen) => seen.services.some(({ service, health }) => service === "shop" && health === "healthy"));
    expect(services.map(({ service, status, exitCode }) => [service, status, exitCode])).toEqual([["shop", "running", undefined], ["prepare", "exited", 0], ["prometheus", "running", undefined]]);
    if (monitoring.kind !== "read") throw new Error(monitoring.why);
    expect(monitoring.alerts.map(({ severity, name, service }) => [severity, name, service])).toEqual([["P1", "WebsiteDown", "shop"], ["P3", "UpdateAvailable", undefined]]);
    // A quarter of the 0.1 % that may fail did.
    expect(monitoring.budgets).toEqual([{ service: "shop", slo: "availability", left: expect.closeTo(0.75, 6) }]);
  });

  test("is told in lines, which a terminal draws anew", async () => {
    const lines = describePicture(await picture(), (_, text) => text).join("\n");
    expect(lines).toMatch(/^shop +healthy +\S.* ago/m);
    expect(lines).toMatch(/^prepare +done/m);
    expect(lines).toMatch(/^P1 WebsiteDown for .* doesn't answer as it should$/m);
    expect(lines).toMatch(/^shop +availability +75 %$/m);
  });
});

describe("the dashboard's server", () => {
  const statusOf = async (path: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> =>
    await new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port: dashboard.port, path, headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).once("error", reject).end();
    });
  const authorization = (): string => `Bearer ${dashboard.token}`;

  test.each(["/api/alive", "/api/picture", "/api/logs", "/api/traces", "/api/documents", "/api/document?path=README.md", "/api/nothing"])("tells %s to nobody without the token", async (path) => {
    expect(await statusOf(path, {})).toBe(401);
    expect(await statusOf(path, { authorization: "Bearer guessed" })).toBe(401);
  });

  test("refuses a name that was led to it, even with the token", async () => {
    expect(await statusOf("/api/alive", { authorization: authorization(), host: "attacker.example" })).toBe(421);
    expect(await statusOf("/api/alive", { authorization: authorization() })).toBe(200);
  });

  test("answers what is no address, and goes on", async () => {
    expect(await statusOf("//", { authorization: authorization() })).toBe(404);
    expect(await statusOf("/api/alive", { authorization: authorization() })).toBe(200);
  });

  test("gives no file but documentation", async () => {
    for (const path of ["environments/local/.state/secrets.json", "docs/../package.json", "/etc/passwd"]) {
      expect(await statusOf(`/api/document?${new URLSearchParams({ path }).toString()}`, { authorization: authorization() }), path).toBe(404);
    }
    expect(await statusOf("/page/../server.ts", { authorization: authorization() })).toBe(404);
  });
});

test("a server beside the terminal is started once, and stopped", { timeout: 180_000 }, async () => {
  const address = await ensureDashboard("ci");
  expect(await ensureDashboard("ci")).toBe(address);
  const { origin, hash } = new URL(address);
  const alive = async (): Promise<boolean> => await fetch(`${origin}/api/alive`, { headers: { authorization: `Bearer ${hash.slice(1)}` } }).then(({ ok }) => ok, () => false);
  expect(await alive()).toBe(true);
  expect(await stopDashboard("ci")).toBe(true);
  await until(alive, (answers) => !answers);
  expect(await stopDashboard("ci")).toBe(false);
});

describe.skipIf(browserMissing !== undefined)(`the dashboard in a browser${browserMissing === undefined ? "" : ` (${browserMissing})`}`, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-background-networking"] });
  }, 120_000);

  afterAll(async () => await browser.close());

  /** Opens the page as `jlam dashboard` prints it, and calls `use` with it and with whatever goes wrong on the way. */
  async function visit(options: { readonly width: number; readonly dark?: boolean; readonly bypassCSP?: boolean }, use: (page: Page, wrong: readonly string[]) => Promise<void>): Promise<void> {
    const context = await browser.newContext({ viewport: { width: options.width, height: 800 }, colorScheme: options.dark ? "dark" : "light", bypassCSP: options.bypassCSP ?? false });
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      const wrong: string[] = [];
      page.on("console", (message) => wrong.push(message.text()));
      page.on("pageerror", ({ message }) => wrong.push(message));
      page.on("request", (asked) => void (asked.url().startsWith(`http://127.0.0.1:${dashboard.port}/`) || wrong.push(`asked ${asked.url()}`)));
      await page.goto(addressOf(dashboard));
      await page.getByRole("rowheader", { name: "shop" }).waitFor();
      await use(page, wrong);
    } finally {
      await context.close();
    }
  }

  test("shows services, alerts and what is left of a promise, and keeps the token out of the address", async () => {
    await visit({ width: 1280 }, async (page, wrong) => {
      expect(new URL(page.url()).hash).toBe("");
      await page.getByRole("row", { name: /^shop healthy/ }).waitFor();
      expect(await page.getByRole("row", { name: /^prepare/ }).textContent()).toContain("done");
      expect(await page.locator(".alert").allTextContents()).toEqual([expect.stringContaining("P1 WebsiteDown"), expect.stringContaining("P3 UpdateAvailable")]);
      expect(await page.getByText("shop, availability: 75 % of 30 days is left").count()).toBe(1);
      await page.getByText("None:").waitFor();
      // The tab knows the token still.
      await page.reload();
      await page.getByRole("rowheader", { name: "shop" }).waitFor();
      expect(wrong).toEqual([]);
    });
  });

  test("follows the log live, and shows markup in it as the text that it is", async () => {
    await visit({ width: 1280 }, async (page) => {
      const lines = page.locator("#log p");
      await lines.nth(1).waitFor();
      const before = await lines.count();
      await until(() => lines.count(), (count) => count > before);
      const line = lines.filter({ hasText: "no bread" }).first();
      expect(await line.textContent()).toMatch(/^\d\d:\d\d:\d\d shop error no bread /);
      expect(await line.textContent()).toContain(hostile);
      expect(await page.locator("#log img").count()).toBe(0);
      await page.getByLabel("Only lines with").fill("no such words");
      expect(await page.locator("#log p:visible").filter({ hasText: "no bread" }).count()).toBe(0);
    });
  });

  test("opens the runbook of an alert by keyboard alone, and closes it again", async () => {
    await visit({ width: 1280 }, async (page) => {
      await page.getByRole("button", { name: "Runbook" }).first().focus();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").getByText("# WebsiteDown").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Runbook");
    });
  });

  test.each([
    ["360 px wide", { width: 360 }],
    ["wide, in the dark", { width: 1280, dark: true }],
  ] as const)("has nothing that axe finds, and scrolls down only: %s", async (_, options) => {
    // The scan is a script that the page's own policy would rightly refuse.
    await visit({ ...options, bypassCSP: true }, async (page) => {
      await page.locator(".alert").first().waitFor();
      const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")).toBe(true);
    });
  });

  test("says what to do where the address lacks its token", async () => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${dashboard.port}/`);
    await page.getByText("Open the address that `jlam dashboard` prints").first().waitFor();
    await page.close();
  });
});

test("without Prometheus the services are still told, and so is what is unknown", async () => {
  await trial.docker("stop", "prometheus");
  const seen = await picture();
  expect(seen.services.find(({ service }) => service === "shop")?.status).toBe("running");
  expect(seen.monitoring).toMatchObject({ kind: "silent", why: expect.stringContaining("prometheus isn't running") });
  expect(describePicture(seen, (_, text) => text).at(-1)).toContain("Alerts and error budgets are unknown: prometheus isn't running");
});
