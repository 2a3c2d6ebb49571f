/** People with a browser before the tested environment: they sign in by the stand-in, through Traefik over TLS. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { browserOver, tokenOf, type Page, type TestBrowser } from "@jlam/test-browser";
import { inject } from "vitest";
import { secretPaths } from "../../../tools/jlam/src/secrets/provide.ts";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { ci } from "../stack/environment.ts";
import { ask, domain, httpsPort } from "../stack/https.ts";

export const site = `https://${domain}:${httpsPort}`;
export const auth = `https://auth.${domain}:${httpsPort}`;
/** Behind the wall, for administrators and operators. */
export const walledHost = `metrics.${domain}`;
export const walled = `https://${walledHost}:${httpsPort}`;

/** Names of the cookies in which the application and the wall keep who is signed in. */
export const cookies = { application: "__Host-session", attempt: "__Host-sign-in", wall: "authentik_proxy_stand_in" } as const;

/** Why the stand-in can't be asked here; undefined where it runs. */
export function standInMissing(...services: readonly string[]): string | undefined {
  const leftOut = inject("leftOut").filter(({ service }) => ["sign-in-stand-in", ...services].includes(service));
  return leftOut.length === 0 ? undefined : leftOut.map(({ service, reason }) => `${service}: ${reason}`).join("; ");
}

/** The title of tests that need the stand-in, with the reason why they skip. */
export const titled = (title: string, missing: string | undefined): string => (missing === undefined ? title : `${title} (skipped: ${missing})`);

/** With JLAM_REQUIRE_ALL=1 nothing is left out silently: then the tests run, and fail. */
export const isSkipped = (missing: string | undefined): boolean => missing !== undefined && process.env["JLAM_REQUIRE_ALL"] !== "1";

/** A browser without cookies. */
export const newBrowser = (): TestBrowser =>
  browserOver(async ({ url, method, headers, body }) => {
    const answer = await ask(url.pathname + url.search, { method, headers: Object.entries(headers), ...(body !== undefined && { body }) }, url.hostname);
    const received = Object.entries(answer.headers).flatMap(([name, values = []]) => [values].flat().map((value): [string, string] => [name, value]));
    return { status: answer.status, headers: new Headers(received), body: answer.text };
  });

/** The password that all demo accounts have in this environment. */
const demoPassword = (): string => readFileSync(join(secretPaths(repositoryRoot, ci.name).files, "sign-in-stand-in", "DEMO_PASSWORD"), "utf8").trim();

/** Types name and password into the stand-in's page, and goes on until a page comes or an address that begins with `until`. */
export const typePassword = async (browser: TestBrowser, form: Page, username: string, until?: string): Promise<Page> =>
  await browser.follow(await browser.open(form.url, { username, password: demoPassword() }), until);

/** Opens a page that needs somebody to be signed in, signs in, and gives the page. */
export async function signIn(browser: TestBrowser, username: string, url = `${site}/account`): Promise<Page> {
  return await typePassword(browser, await browser.visit(url), username);
}

/**
 * A browser in which somebody is signed in.
 * @throws Error when that didn't work: a test of what a session may do would prove nothing without it
 */
export async function signedIn(username: string, url?: string): Promise<TestBrowser> {
  const browser = newBrowser();
  const { status, url: ended } = await signIn(browser, username, url);
  if (status !== 200) throw new Error(`${username} could not sign in: ${ended} answered with ${status}.`);
  return browser;
}

/** Whether this browser sees the member's own page. */
export const isIn = async (browser: TestBrowser): Promise<boolean> => (await browser.open(`${site}/account`)).status === 200;

/** Whether this browser sees what is behind the wall. */
export const isBehindWall = async (browser: TestBrowser): Promise<boolean> => (await browser.open(`${walled}/api/v1/status/buildinfo`)).status === 200;

/** Goes through the provider's page for signing out. */
export async function signOutAtProvider(browser: TestBrowser, page: Page): Promise<Page> {
  const action = /action="([^"]+)"/.exec(page.body)?.[1] ?? "";
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
  return await browser.open(action, { xsrf, logout: "yes" });
}

/** Gives health-data consent, so that the diary opens. */
export async function agree(browser: TestBrowser): Promise<void> {
  const page = await browser.open(`${site}/toestemming`);
  const version = /name="purpose" value="health-data">\s*<input type="hidden" name="version" value="(\d+)"/.exec(page.body)?.[1] ?? "";
  await browser.open(`${site}/toestemming`, { token: tokenOf(page), purpose: "health-data", version, decision: "given" });
}

/** Today in the Netherlands, as the diary's addresses have it. */
export const today = (): string => new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Amsterdam" }).format(new Date());
