/** Authentik's flow executor, walked as its own page does: a challenge comes, an answer goes, until it leads elsewhere. */
import { z } from "zod";
import type { Answer, Browser } from "./browser.ts";

const challenge = z.looseObject({
  component: z.string(),
  response_errors: z.record(z.string(), z.array(z.object({ string: z.string(), code: z.string() }))).optional(),
  /** Of `xak-flow-redirect`. */
  to: z.string().optional(),
  /** Of `ak-stage-authenticator-totp`: the otpauth address that an app scans. */
  config_url: z.string().optional(),
  /** Of `ak-stage-authenticator-validate`: the factors that somebody has, and those that they may set up. */
  device_challenges: z.array(z.looseObject({ device_class: z.string() })).optional(),
  configuration_stages: z.array(z.looseObject({ pk: z.string(), meta_model_name: z.string() })).optional(),
  /** Of `ak-stage-consent`. */
  token: z.string().optional(),
  error_message: z.string().nullish(),
});
export type Challenge = z.infer<typeof challenge>;

/** What a person answers, by the component that asks; without one the walk ends there. */
export type Answers = Readonly<Record<string, (asked: Challenge) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>>>;

/** Whoever opens the link of a mail is asked first whether to go on in this browser, so that no scanner of mails uses the link up. */
export const goOnHere: Answers = { "ak-stage-consent": ({ token }) => ({ token }) };

export interface FlowPage {
  readonly origin: string;
  readonly slug: string;
  /** Everything behind the question mark of the page. */
  readonly query: string;
}

const flowPath = /^\/if\/flow\/([^/]+)\/$/;

/** Whether an address is that of a flow's page. */
export const isFlowPage = (url: URL): boolean => flowPath.test(url.pathname);

/** The flow whose page this is. Throws RangeError where it is none. */
export function flowPage(url: URL): FlowPage {
  const [, slug] = flowPath.exec(url.pathname) ?? [];
  if (slug === undefined) throw new RangeError(`${url.href} is no page of a flow`);
  return { origin: url.origin, slug, query: url.search.slice(1) };
}

const executor = ({ origin, slug, query }: FlowPage): string => `${origin}/api/v3/flows/executor/${slug}/?${new URLSearchParams({ query }).toString()}`;

function read({ status, text, url }: Answer): Challenge {
  if (status !== 200) throw new Error(`${url.href} answered ${status}: ${text.slice(0, 500)}`);
  return challenge.parse(JSON.parse(text));
}

/** More than any of our flows has. */
const mostSteps = 20;

/** Walks a flow and gives the challenge at which it ended: a redirect, a refusal, an error, or one that `answers` has nothing for. */
export async function walk(browser: Browser, page: FlowPage, answers: Answers): Promise<Challenge> {
  const url = executor(page);
  // A stage that asks nothing answers with a redirect to the next one, at the same address.
  let asked = read(await browser.follow(url));
  for (let step = 0; step < mostSteps; step += 1) {
    const answer = answers[asked.component];
    if (answer === undefined || asked.response_errors !== undefined) return asked;
    const given = await browser.ask(url, {
      method: "POST",
      json: { component: asked.component, ...(await answer(asked)) },
      headers: { "X-authentik-CSRF": (await browser.cookie(page.origin, "authentik_csrf")) ?? "", referer: `${page.origin}/` },
    });
    asked = given.status === 302 ? read(await browser.follow(url)) : read(given);
  }
  throw new Error(`the flow ${page.slug} didn't end; the last question was ${asked.component}`);
}
