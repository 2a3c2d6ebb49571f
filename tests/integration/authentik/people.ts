/** People who sign in, and the administrator who looks after their accounts through Authentik's interface for programs. */
import { z } from "zod";
import type { Answer, Asked, Browser } from "./browser.ts";
import { openBrowser } from "./browser.ts";
import { originOf } from "./environment.ts";
import { flowPage, isFlowPage, walk, type Answers, type Challenge } from "./flow.ts";
import { authenticator, type Authenticator } from "./one-time-codes.ts";

export interface Person {
  readonly username: string;
  readonly password: string;
  /** Undefined as long as they have none. */
  readonly authenticator?: Authenticator;
}

const auth = originOf("auth");

/** What somebody answers while they sign in; whoever is asked to set up an authenticator chooses an app, given to `enrolled`. */
export function signInAnswers(person: Person, enrolled: (app: Authenticator) => void = () => undefined): Answers {
  return {
    "ak-stage-identification": () => ({ uid_field: person.username }),
    "ak-stage-password": () => ({ password: person.password }),
    "ak-stage-authenticator-validate": async ({ device_challenges: devices = [], configuration_stages: stages = [] }) => {
      if (devices.length === 0) return { selected_stage: stages.find(({ meta_model_name: model }) => model.includes("totp"))?.pk };
      return { code: await person.authenticator?.code() };
    },
    "ak-stage-authenticator-totp": async ({ config_url: address = "" }) => {
      const app = authenticator(address);
      enrolled(app);
      return { code: await app.code() };
    },
    "ak-stage-user-login": () => ({ remember_me: false }),
  };
}

/** What became of an attempt: where it led, or the question or refusal at which it ended. */
export interface Attempt {
  readonly ended: Challenge;
  /** The page behind the sign-in; undefined where it was not reached. */
  readonly arrived?: Answer;
}

/** Goes to a page that asks for signing in, signs in, and goes on from there. */
export async function signIn(browser: Browser, page: string, answers: Answers, stop?: (location: URL) => boolean): Promise<Attempt> {
  const door = await browser.follow(page, isFlowPage);
  const ended = await walk(browser, flowPage(door.url), answers);
  if (ended.component !== "xak-flow-redirect" || ended.to === undefined) return { ended };
  return { ended, arrived: await browser.follow(new URL(ended.to, auth), stop) };
}

export interface Administrator {
  /** Asks Authentik's interface for programs, `path` below /api/v3, and throws Error for an answer that is no success. */
  ask(path: string, asked?: Asked): Promise<unknown>;
  /** Forgets every wrong password: all tests come from one address, and its reputation would refuse the next. */
  forgetFailures(): Promise<void>;
  /** Makes an active account in these groups. */
  makeAccount(person: Person & { readonly email: string; readonly name: string }, groups: readonly string[]): Promise<{ readonly pk: number; readonly uuid: string }>;
}

const found = z.object({ results: z.array(z.looseObject({ pk: z.union([z.string(), z.number()]) })) });
const account = z.object({ pk: z.number(), uuid: z.string() });

/** Signs the first administrator in, who has to set up a second factor, and speaks for them from then on. */
export async function administrator(authority: string, password: string): Promise<Administrator> {
  const browser = openBrowser(authority);
  const { ended } = await signIn(browser, `${auth}/`, signInAnswers({ username: "akadmin", password }));
  if (ended.component !== "xak-flow-redirect") throw new Error(`the administrator could not sign in: ${JSON.stringify(ended)}`);
  const ask: Administrator["ask"] = async (path, asked = {}) => {
    const csrf = (await browser.cookie(auth, "authentik_csrf")) ?? "";
    const { status, text } = await browser.ask(`${auth}/api/v3${path}`, { ...asked, headers: { "X-authentik-CSRF": csrf, referer: `${auth}/`, ...asked.headers } });
    if (status < 200 || status > 299) throw new Error(`${asked.method ?? "GET"} ${path} answered ${status}: ${text.slice(0, 500)}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  return {
    ask,
    forgetFailures: async () => {
      const { results } = found.parse(await ask("/policies/reputation/scores/?page_size=100"));
      for (const { pk } of results) await ask(`/policies/reputation/scores/${pk}/`, { method: "DELETE" });
    },
    makeAccount: async ({ username, password: secret, email, name }, groups) => {
      const keys = await Promise.all(groups.map(async (group) => found.parse(await ask(`/core/groups/?name=${group}`)).results[0]?.pk));
      const made = account.parse(await ask("/core/users/", { method: "POST", json: { username, name, email, is_active: true, path: "members", groups: keys } }));
      await ask(`/core/users/${made.pk}/set_password/`, { method: "POST", json: { password: secret } });
      return made;
    },
  };
}
