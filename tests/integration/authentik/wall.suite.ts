import { describe, expect, it } from "vitest";
import { z } from "zod";
import { originOf } from "./environment.ts";
import type { Answer, Browser } from "./browser.ts";
import { isFlowPage } from "./flow.ts";
import { signIn, signInAnswers } from "./people.ts";
import { browserOf, memberOf, type Given } from "./running.ts";

const echoed = z.object({ headers: z.array(z.string()) });

/** Headers that reached the page behind the wall, names in small letters. */
function reached({ status, text }: Answer): ReadonlyMap<string, readonly string[]> {
  expect(status).toBe(200);
  const { headers } = echoed.parse(JSON.parse(text));
  const pairs = headers.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), headers[index + 1] ?? ""] as const] : []));
  return new Map([...Map.groupBy(pairs, ([name]) => name)].map(([name, all]) => [name, all.map(([, value]) => value)]));
}

/** Pages that Traefik only shows to whom Authentik lets pass. */
export function describeWall(given: Given): void {
  const [monitor, metrics] = [`${originOf("monitor")}/`, `${originOf("metrics")}/`];

  const inside = async (groups: readonly string[]): Promise<{ readonly browser: Browser; readonly username: string; readonly email: string }> => {
    const { person } = await memberOf(given, groups);
    const browser = browserOf(given);
    const { arrived } = await signIn(browser, monitor, signInAnswers(person));
    expect(arrived?.status).toBe(200);
    return { browser, ...person };
  };

  describe("the wall", () => {
    it.each(["/", "//", "/%2f", "/..;/", "/outpost.goauthentik.io/../", "/told"])("leads %s to signing in, not to the page", async (path) => {
      const { status, headers, text } = await browserOf(given).ask(`${originOf("monitor")}${path}`);
      expect([302, 400, 404]).toContain(status);
      if (status === 302) expect(headers["location"]).toMatch(new RegExp(`^${originOf("auth")}|^${originOf("monitor")}/outpost`));
      expect(text).not.toContain('"headers"');
    });

    it.each(["X-authentik-username", "X-Authentik-Username", "X_authentik_username", "x-authentik_username", "Remote-User"])("lets nobody in who sends %s", async (header) => {
      const { status, text } = await browserOf(given).ask(monitor, { headers: { [header]: "akadmin", "X-authentik-groups": "administrators" } });
      expect([302, 400]).toContain(status);
      expect(text).not.toContain('"headers"');
    });

    it("lets an operator in who has signed in, and tells the page who they are", { timeout: 120_000 }, async () => {
      const { browser, username, email } = await inside(["operators"]);
      const headers = reached(await browser.ask(monitor));
      expect(headers.get("x-authentik-username")).toEqual([username]);
      expect(headers.get("x-authentik-email")).toEqual([email]);
      expect(headers.get("x-authentik-groups")).toEqual(["operators"]);
    });

    it("lets nothing that a visitor says about themselves through", { timeout: 120_000 }, async () => {
      const { browser, username } = await inside(["operators"]);
      const forged = ["X-authentik-username", "X_authentik_username", "X-authentik_username", "X-authentik-groups", "X_authentik_groups", "X-authentik-entitlements", "X-authentik-meta-app"];
      const headers = reached(await browser.ask(monitor, { headers: Object.fromEntries(forged.map((name) => [name, "forged"])) }));
      expect([...headers].filter(([, values]) => values.includes("forged"))).toEqual([]);
      expect(headers.get("x-authentik-username")).toEqual([username]);
      expect([...headers.keys()].filter((name) => name.includes("_"))).toEqual([]);
    });

    it("lets nobody pass with somebody's cookie of another page", { timeout: 120_000 }, async () => {
      const { browser } = await inside(["operators"]);
      const session = await browser.cookies(monitor);
      const { status } = await browserOf(given).ask(metrics, { headers: { cookie: session } });
      expect(status).toBe(302);
    });

    it("refuses a page to an operator that is for administrators", { timeout: 120_000 }, async () => {
      const { browser } = await inside(["operators"]);
      const { status, text, url } = await browser.follow(metrics);
      expect(url.origin).toBe(originOf("auth"));
      expect([status, text]).not.toEqual([200, expect.stringContaining('"headers"')]);
      expect((await browser.ask(metrics)).status).toBe(302);
    });

    it("stands again after signing out at the page", { timeout: 120_000 }, async () => {
      const { browser } = await inside(["operators"]);
      await browser.follow(`${originOf("monitor")}/outpost.goauthentik.io/sign_out`, isFlowPage);
      await browser.ask(`${originOf("auth")}/api/v3/flows/executor/jlam-application-sign-out/?query=`);
      expect((await browser.ask(monitor)).status).toBe(302);
      const door = await browser.follow(monitor, isFlowPage);
      expect(isFlowPage(door.url)).toBe(true);
    });

    it("does not lead to Authentik's measurements", async () => {
      for (const host of ["auth", "monitor"]) {
        const { text } = await browserOf(given).ask(`${originOf(host)}/metrics`);
        expect(text).not.toContain("authentik_");
      }
    });
  });
}
