import { describe, expect, it } from "vitest";
import { openAt, type Opened } from "./client.ts";
import { originOf } from "./environment.ts";
import { walk, type Challenge } from "./flow.ts";
import type { Authenticator } from "./one-time-codes.ts";
import { signIn, signInAnswers, type Person } from "./people.ts";
import { browserOf, memberOf, newPerson, type Given } from "./running.ts";

const wrong = { password: [{ string: expect.any(String) as string, code: "invalid" }] };

/** A question without the name that was typed, its picture, and the way back, which differs with every sign-in. */
const withoutNames = ({ pending_user: _name, pending_user_avatar: _picture, flow_info: _wayBack, ...asked }: Challenge) => asked;

/** Somebody sets up an authenticator in their settings. */
async function setUpAuthenticator(given: Given, person: Person): Promise<Authenticator> {
  const browser = browserOf(given);
  await openAt(given, browser, person);
  let made: Authenticator | undefined;
  const ended = await walk(browser, { origin: originOf("auth"), slug: "jlam-totp-setup", query: "" }, signInAnswers(person, (app) => (made = app)));
  if (made === undefined) throw new Error(`no authenticator was set up: ${JSON.stringify(ended)}`);
  return made;
}

/** How people sign in: password, second factor, refusals. */
export function describeSignIn(given: Given): void {
  describe("signing in", () => {
    const monitor = `${originOf("monitor")}/`;

    it("takes a member with their password to the application", async () => {
      const { person } = await memberOf(given, ["members"]);
      const { arrived } = await openAt(given, browserOf(given), person);
      expect(arrived?.url.searchParams.get("code")).toMatch(/\S+/);
    });

    it("takes their address for their name", async () => {
      const { person } = await memberOf(given, ["members"]);
      const { arrived } = await openAt(given, browserOf(given), { ...person, username: person.email });
      expect(arrived?.url.searchParams.get("code")).toMatch(/\S+/);
    });

    it("answers a wrong password as it answers a name that nobody has", async () => {
      const { person } = await memberOf(given, ["members"]);
      const answers = await Promise.all([{ ...person, password: "not-the-password" }, newPerson()].map(async (tried) => await openAt(given, browserOf(given), tried)));
      expect(answers.map(({ arrived }) => arrived)).toEqual([undefined, undefined]);
      for (const { ended } of answers) expect(ended).toMatchObject({ component: "ak-stage-password", response_errors: wrong });
      const [known, unknown] = answers.map(({ ended }) => withoutNames(ended));
      expect(known).toEqual(unknown);
    });

    it("refuses an application to somebody who is in none of its groups", async () => {
      const { person } = await memberOf(given, ["operators"]);
      const attempt = await openAt(given, browserOf(given), person);
      expect(attempt.arrived?.url.searchParams.has("code") ?? false).toBe(false);
      expect(attempt.arrived?.text ?? "").toMatch(/denied|toegang/i);
    });

    it("asks a member for no second factor", async () => {
      const { person } = await memberOf(given, ["members"]);
      const asked: string[] = [];
      const answers = signInAnswers(person);
      const watched = Object.fromEntries(Object.entries(answers).map(([component, answer]) => [component, (challenge: Parameters<typeof answer>[0]) => (asked.push(component), answer(challenge))]));
      await signIn(browserOf(given), monitor, watched);
      expect(asked).not.toContain("ak-stage-authenticator-validate");
      expect(asked).toContain("ak-stage-user-login");
    });

    it("has an operator set up a second factor first, and asks for it from then on", { timeout: 180_000 }, async () => {
      const { person } = await memberOf(given, ["operators"]);
      let app: Authenticator | undefined;
      const enrolling = await signIn(browserOf(given), monitor, signInAnswers(person, (made) => (app = made)));
      expect(enrolling.arrived).toMatchObject({ status: 200, url: new URL(monitor) });
      if (app === undefined) throw new Error("nobody asked the operator to set up an authenticator");

      const again = await signIn(browserOf(given), monitor, signInAnswers({ ...person, authenticator: app }));
      expect(again.arrived).toMatchObject({ status: 200, url: new URL(monitor) });

      const guessed = await signIn(browserOf(given), monitor, signInAnswers({ ...person, authenticator: { code: () => Promise.resolve("000000") } }));
      expect(guessed.arrived).toBeUndefined();
      expect(guessed.ended).toMatchObject({ component: "ak-stage-authenticator-validate", response_errors: { code: [{ code: "invalid" }] } });
    });

    it("lets no operator go on without a second factor", async () => {
      const { person } = await memberOf(given, ["operators"]);
      const { "ak-stage-authenticator-totp": _, ...answers } = signInAnswers(person);
      const { ended, arrived } = await signIn(browserOf(given), monitor, answers);
      expect(arrived).toBeUndefined();
      expect(ended.component).toBe("ak-stage-authenticator-totp");
    });

    it("offers a member an authenticator in their settings, and asks for it once they have one", { timeout: 180_000 }, async () => {
      const { person } = await memberOf(given, ["members"]);
      const app = await setUpAuthenticator(given, person);
      const { arrived, ended } = await openAt(given, browserOf(given), person);
      expect(arrived).toBeUndefined();
      expect(ended).toMatchObject({ component: "ak-stage-authenticator-validate" });
      expect((await openAt(given, browserOf(given), { ...person, authenticator: app })).arrived?.url.searchParams.get("code")).toMatch(/\S+/);
    });

    it("refuses a name after five wrong passwords, and the right one too", { timeout: 180_000 }, async () => {
      const { person } = await memberOf(given, ["members"]);
      const attempts: Opened[] = [];
      for (let count = 0; count < 6; count += 1) attempts.push(await openAt(given, browserOf(given), { ...person, password: "not-the-password" }));
      expect(attempts.at(0)?.ended.component).toBe("ak-stage-password");
      const { ended, arrived } = await openAt(given, browserOf(given), person);
      expect(arrived).toBeUndefined();
      expect(ended).toMatchObject({ component: "ak-stage-access-denied", error_message: expect.stringContaining("Te veel mislukte pogingen") as string });
    });
  });
}
