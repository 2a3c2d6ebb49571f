/** Members who keep a diary, made as people make themselves: by the pages, through Traefik. */
import { browserOver, tokenOf, type TestBrowser } from "@jlam/test-browser";
import type { Agent } from "undici";
import { request } from "undici";

/** Far below the 50 requests a second that Traefik lets one address make. */
const PAUSE = 40;

const pause = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, PAUSE));

/** A browser whose requests go by this agent. */
export const browserBy = (agent: Agent): TestBrowser =>
  browserOver(async ({ url, method, headers, body }) => {
    await pause();
    const answer = await request(url, { method, headers, dispatcher: agent, ...(body !== undefined && { body }) });
    const received = Object.entries(answer.headers).flatMap(([name, values = []]) => [values].flat().map((value): [string, string] => [name, value]));
    return { status: answer.statusCode, headers: new Headers(received), body: await answer.body.text() };
  });

/** Days back from today, as the diary's addresses have them. */
const lastDays = (count: number): readonly string[] => Array.from({ length: count }, (_, back) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10));

/**
 * Makes an account, agrees that health data is kept, and writes a month of days. Gives the session's cookie.
 * @throws Error when the site doesn't take one of these
 */
export async function makeMember(agent: Agent, site: string, name: string): Promise<string> {
  const browser = browserBy(agent);
  const form = await browser.visit(`${site}/account`);
  const page = new URL(/href="([^"]+account-maken)"/.exec(form.body)?.[1] ?? "", form.url).href;
  const password = "een wachtwoord voor de meting";
  const own = await browser.follow(await browser.open(page, { name, email: `${name}-${Date.now()}@voorbeeld.nl`, password, repeated: password }));
  await browser.open(`${site}/toestemming`, { token: tokenOf(own), purpose: "health-data", version: "1", decision: "given" });
  for (const [index, day] of lastDays(30).entries()) {
    const kept = await browser.open(`${site}/dagboek/${day}`, {
      token: tokenOf(own),
      gewicht: `${80 - index / 10}`.replace(".", ","),
      stappen: String(5_000 + index * 100),
      slaap: "7,5",
      stemming: String((index % 5) + 1),
    });
    if (kept.status !== 303) throw new Error(`The diary did not take ${day}: it answered with ${kept.status}.`);
  }
  return `__Host-session=${browser.cookie(site, "__Host-session") ?? ""}`;
}
