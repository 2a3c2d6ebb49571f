/** The derived smoke suite, asked of the real stack; and that each kind of check can fail there. */
import { describe, expect, inject, test } from "vitest";
import { visitor, type Ask } from "../../tools/jlam/src/release/smoke/ask.ts";
import type { Check } from "../../tools/jlam/src/release/smoke/check.ts";
import { deriveSmoke } from "../../tools/jlam/src/release/smoke/derive.ts";
import { runSmoke } from "../../tools/jlam/src/release/smoke/run.ts";
import { ci } from "./stack/environment.ts";
import { domain, httpPort, httpsPort } from "./stack/https.ts";

const { publishing } = ci.node;
/** Services that don't run here, and whose part nobody plays. */
const missing = new Set(inject("leftOut").flatMap(({ service, standIn }) => (standIn === undefined ? [service] : [])));
const answered = new Set(ci.routes.filter(({ service }) => !missing.has(service)).map(({ name }) => name));
const checks = deriveSmoke(ci).filter(({ route }) => answered.has(route));

const ask = (authority?: string): Ask => visitor({ through: { host: publishing.address, port: httpsPort, httpPort }, timeout: 10_000, ...(authority !== undefined && { authority }) });
const failures = async (asked: readonly Check[], { authority }: { readonly authority?: string } = { authority: inject("authority") }): Promise<readonly string[]> =>
  (await runSmoke(asked, ask(authority))).flatMap(({ check, failure }) => (failure === undefined ? [] : [`${check.route} ${check.kind}: ${failure}`]));

describe("the smoke suite of ci", () => {
  test("asks every kind of check, and all of them hold", async () => {
    expect(new Set(checks.map(({ kind }) => kind))).toEqual(new Set(["tls", "redirect", "wall", "headers", "health", "answers"]));
    expect(await failures(checks)).toEqual([]);
  });

  const at = { route: "site", url: `https://${domain}:${httpsPort}/` };

  test.each<[string, Check, RegExp]>([
    ["a certificate that must hold for a year", { kind: "tls", ...at, days: 365 }, /the certificate ends on/],
    ["a host that the certificate doesn't name", { kind: "tls", ...at, url: `https://a.b.${domain}:${httpsPort}/`, days: 1 }, /unrecognized name/i],
    ["a redirect to another address", { kind: "redirect", ...at, url: "https://example.org/", from: `http://${domain}:${httpPort}/` }, /it doesn't lead to/],
    ["a wall before the open site", { kind: "wall", ...at, signInAt: `https://auth.${domain}:${httpsPort}` }, /nobody is asked to sign in/],
    ["a header that nobody sets", { kind: "headers", ...at, headers: { "x-frame-options": "SAMEORIGIN" } }, /x-frame-options is DENY/],
    ["the health of a page that isn't there", { kind: "health", ...at, url: `https://${domain}:${httpsPort}/geen-pagina` }, /it answers 404/],
    ["an address without a route", { kind: "answers", ...at, url: `https://nobody.${domain}:${httpsPort}/` }, /no route for it/],
  ])("fails for %s", async (_, check, why) => {
    expect(await failures([check])).toEqual([expect.stringMatching(why)]);
  });

  test("fails where nobody vouches for the certificate", async () => {
    expect(await failures([{ kind: "tls", ...at, days: 1 }], {})).toEqual([expect.stringMatching(/certificate/)]);
  });
});
