import { describe, expect, it } from "vitest";
import { openAt, tokensOf } from "./client.ts";
import { originOf } from "./environment.ts";
import { flowPage, goOnHere, isFlowPage, walk, type FlowPage } from "./flow.ts";
import { mailTo } from "./mailbox.ts";
import { browserOf, memberOf, newPerson, type Given, type NewPerson } from "./running.ts";

const page = (slug: string, query = ""): FlowPage => ({ origin: originOf("auth"), slug, query });

/** The link of a mail that leads back to the flow that sent it. */
const back = (links: readonly URL[]): URL => {
  const found = links.find(isFlowPage);
  if (found === undefined) throw new Error(`no link of the mail leads to a flow: ${links.join(", ")}`);
  return found;
};

const form = ({ name, email, username, password }: NewPerson, again = password) => ({
  "ak-stage-prompt": () => ({ name, email, username, password, password_repeat: again }),
});

/** What people do themselves, with a mail that proves who they are. */
export function describeSelfService(given: Given): void {
  describe("becoming a member", () => {
    it("takes a mail, in Dutch, after which they are one", { timeout: 420_000 }, async () => {
      const person = newPerson();
      const browser = browserOf(given);
      const waiting = await walk(browser, page("jlam-enrolment"), form(person));
      expect(waiting.component).toBe("ak-stage-email");

      const before = await openAt(given, browserOf(given), person);
      expect(before.arrived).toBeUndefined();

      const mail = await mailTo(given, person.email);
      expect(mail.subject).toBe("Bevestig je e-mailadres voor JLAM");
      expect(mail.text).toMatch(/bevestig/i);
      expect(mail.text).not.toMatch(/\b(confirm|please|click|welcome)\b/i);
      const ended = await walk(browser, flowPage(back(mail.links)), { ...goOnHere, "ak-stage-user-login": () => ({ remember_me: false }) });
      expect(ended.component).toBe("xak-flow-redirect");

      const { claims } = await tokensOf(await openAt(given, browserOf(given), person));
      expect(claims).toMatchObject({ preferred_username: person.username, email: person.email, groups: ["members"] });
    });

    it("refuses a password that is short, or easy to guess, or typed differently the second time", async () => {
      const person = newPerson();
      const refused = await Promise.all(
        [form({ ...person, password: "kort1!" }), form({ ...person, password: "passwordpassword" }), form(person, "iets heel anders 123")].map(async (answers) => await walk(browserOf(given), page("jlam-enrolment"), answers)),
      );
      expect(refused.map(({ component, response_errors: errors }) => [component, errors !== undefined])).toEqual(refused.map(() => ["ak-stage-prompt", true]));
      expect(JSON.stringify(refused[0]?.response_errors)).toContain("Kies een wachtwoord van minstens 12 tekens");
    });

    it("refuses a name that somebody has", async () => {
      const { person } = await memberOf(given, ["members"]);
      const ended = await walk(browserOf(given), page("jlam-enrolment"), form({ ...newPerson(), username: person.username }));
      expect(ended.component).not.toBe("ak-stage-email");
    });
  });

  describe("a new password", () => {
    it("takes a mail, in Dutch, and is then the only one", { timeout: 420_000 }, async () => {
      const { person } = await memberOf(given, ["members"]);
      const browser = browserOf(given);
      const waiting = await walk(browser, page("jlam-recovery"), { "ak-stage-identification": () => ({ uid_field: person.email }) });
      expect(waiting.component).toBe("ak-stage-email");
      const mail = await mailTo(given, person.email);
      expect(mail.subject).toBe("Stel een nieuw wachtwoord in voor JLAM");
      expect(mail.text).toMatch(/wachtwoord/i);
      expect(mail.text).not.toMatch(/\b(reset|please|click|recover)\b/i);

      const password = `Nieuw-${person.password}`;
      const ended = await walk(browser, flowPage(back(mail.links)), { ...goOnHere, "ak-stage-prompt": () => ({ password, password_repeat: password }) });
      expect(ended.component).toBe("xak-flow-redirect");
      expect((await openAt(given, browserOf(given), { ...person, password })).arrived?.url.searchParams.has("code")).toBe(true);
      expect((await openAt(given, browserOf(given), person)).arrived).toBeUndefined();
    });

    it("tells nobody whether an address is known", async () => {
      const ended = await walk(browserOf(given), page("jlam-recovery"), { "ak-stage-identification": () => ({ uid_field: newPerson().email }) });
      expect(ended.component).toBe("ak-stage-email");
    });
  });
}
