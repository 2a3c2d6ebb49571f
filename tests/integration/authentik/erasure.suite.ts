import { describe, expect, it } from "vitest";
import { z } from "zod";
import { until } from "../stack/until.ts";
import type { Asked } from "./browser.ts";
import { openAt, tokensOf } from "./client.ts";
import { client, originOf } from "./environment.ts";
import { flowPage, goOnHere, isFlowPage, walk } from "./flow.ts";
import { mailTo } from "./mailbox.ts";
import { browserOf, memberOf, newPerson, type Given, type NewPerson } from "./running.ts";

const list = z.object({ results: z.array(z.looseObject({ pk: z.union([z.string(), z.number()]) })) });

/** Every form in which a text may stand in a row: as it is, in bytes, in a web address. */
const forms = (text: string): readonly string[] => [text, Buffer.from(text).toString("hex"), encodeURIComponent(text), Buffer.from(text).toString("base64").replace(/=+$/, "")];

/** Tables whose rows name the person, by how often. */
function tablesNaming(dump: string, marks: readonly string[]): Readonly<Record<string, number>> {
  const wanted = marks.flatMap(forms).map((mark) => mark.toLowerCase());
  const rows = dump.split("\n").filter((line) => wanted.some((mark) => line.toLowerCase().includes(mark)));
  return Object.fromEntries([...Map.groupBy(rows, (row) => /^INSERT INTO (\S+)/.exec(row)?.[1] ?? row.slice(0, 60))].map(([table, found]) => [table, found.length]));
}

/** An account that is erased leaves nothing behind. */
export function describeErasure(given: Given): void {
  describe("erasing an account", () => {
    const api = `${originOf("auth")}/api/v3`;

    /** As the application asks, with its token. */
    const ask = async (path: string, asked: Asked = {}) =>
      await browserOf(given).ask(`${api}${path}`, { ...asked, headers: { authorization: `Bearer ${given().platform.secret(client.name, "OIDC_ACCOUNTS_TOKEN")}` } });
    const found = async (path: string) => list.parse(JSON.parse((await ask(path)).text)).results.map(({ pk }) => String(pk));
    const removeAll = async (path: string, query: string): Promise<void> => {
      for (;;) {
        const keys = await found(`${path}?${query}&page_size=100`);
        if (keys.length === 0) return;
        // 404: the worker, which removes what they caused, was faster.
        for (const key of keys) expect([204, 404]).toContain((await ask(`${path}${key}/`, { method: "DELETE" })).status);
      }
    };
    const marksOf = (person: NewPerson, uuid: string): readonly string[] => [person.username, person.email, person.name, uuid, uuid.replaceAll("-", "")];
    const named = async (marks: readonly string[]) => tablesNaming(await given().platform.databaseDump(), marks);

    it("is all that the application's token is good for", async () => {
      const { pk } = await memberOf(given, ["members"]);
      const refused: readonly (readonly [string, Asked])[] = [
        [`/core/users/${pk}/`, { method: "PATCH", json: { name: "Iemand anders" } }],
        [`/core/users/${pk}/set_password/`, { method: "POST", json: { password: "Iets-heel-anders-123" } }],
        [`/core/users/${pk}/recovery/`, { method: "POST", json: {} }],
        [`/core/users/${pk}/impersonate/`, { method: "POST", json: { reason: "test" } }],
        ["/core/users/", { method: "POST", json: { username: "made", name: "made" } }],
        ["/core/groups/", { method: "POST", json: { name: "made" } }],
        ["/providers/oauth2/", {}],
        ["/admin/settings/", {}],
      ];
      const statuses = await Promise.all(refused.map(async ([path, asked]) => [path, (await ask(path, asked)).status]));
      expect(statuses.filter(([, status]) => status !== 403 && status !== 401)).toEqual([]);
      const providers = JSON.parse((await ask("/providers/oauth2/")).text) as unknown;
      expect(JSON.stringify(providers)).not.toContain("client_secret");
      expect((await browserOf(given).ask(`${api}/core/users/?uuid=${"0".repeat(32)}`)).status).toBe(403);
    });

    it("leaves nothing of somebody who became a member, signed in, was wrong and forgot their password", { timeout: 600_000 }, async () => {
      const person = newPerson();
      const browser = browserOf(given);
      await walk(browser, { origin: originOf("auth"), slug: "jlam-enrolment", query: "" }, {
        "ak-stage-prompt": () => ({ name: person.name, email: person.email, username: person.username, password: person.password, password_repeat: person.password }),
      });
      const link = (await mailTo(given, person.email)).links.find(isFlowPage);
      if (link === undefined) throw new Error("the mail has no link");
      await walk(browser, flowPage(link), { ...goOnHere, "ak-stage-user-login": () => ({ remember_me: false }) });
      const { claims } = await tokensOf(await openAt(given, browserOf(given), person));
      await openAt(given, browserOf(given), { ...person, password: "not-the-password" });
      await walk(browserOf(given), { origin: originOf("auth"), slug: "jlam-recovery", query: "" }, { "ak-stage-identification": () => ({ uid_field: person.email }) });

      const marks = marksOf(person, claims.sub);
      const before = await named(marks);
      expect(before).toMatchObject({ "public.authentik_core_user": 1 });
      expect(before["public.authentik_events_event"]).toBeGreaterThan(2);

      const [pk = ""] = await found(`/core/users/?uuid=${claims.sub}`);
      expect((await ask(`/core/users/${pk}/`, { method: "DELETE" })).status).toBe(204);
      const clean = async () => {
        await removeAll("/events/events/", `context_model_app=authentik_core&context_model_name=user&context_model_pk=${pk}`);
        for (const mark of [person.username, person.email, claims.sub, claims.sub.replaceAll("-", "")]) await removeAll("/events/events/", `search=${encodeURIComponent(mark)}`);
        await removeAll("/policies/reputation/scores/", `identifier_in=${encodeURIComponent(`${person.username},${person.email}`)}`);
        // What no request removes, and time does: done tasks after an hour, sessions of who never signed in after two.
        const { "public.authentik_tasks_task": _, "public.authentik_core_session": __, ...left } = await named(marks);
        return left;
      };
      const { answer } = await until(clean, (left) => Object.keys(left).length === 0, 60_000);
      expect(answer).toEqual({});
    });

    it("finds the rows it looks for", async () => {
      const { person, uuid } = await memberOf(given, ["members"]);
      expect(await named(marksOf(person, uuid))).toMatchObject({ "public.authentik_core_user": 1 });
      expect(await named([newPerson().email])).toEqual({});
    });
  });
}
