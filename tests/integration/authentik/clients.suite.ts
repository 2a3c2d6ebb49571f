import { decodeProtectedHeader, decodeJwt } from "jose";
import { buildEndSessionUrl } from "openid-client";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { until } from "../stack/until.ts";
import { issuer, openAt, tokensOf } from "./client.ts";
import { client, originOf } from "./environment.ts";
import { isFlowPage } from "./flow.ts";
import { browserOf, memberOf, type Given } from "./running.ts";

const told = z.array(z.object({ path: z.string(), body: z.string() }));

/** Logout tokens that the application has been sent, decoded. */
async function logoutTokens(given: Given) {
  const { text } = await browserOf(given).ask(`${originOf("@")}/told`);
  return told.parse(JSON.parse(text)).flatMap(({ path, body }) => {
    const token = new URLSearchParams(body).get("logout_token");
    return path === client.signedOut && token !== null ? [{ header: decodeProtectedHeader(token), claims: decodeJwt(token) }] : [];
  });
}

/** What a client that signs people in is told about them. */
export function describeClients(given: Given): void {
  describe("a client", () => {
    it("learns who somebody is by a name that stays, and their groups, signed", async () => {
      const { person, uuid } = await memberOf(given, ["members"]);
      const { claims, idToken } = await tokensOf(await openAt(given, browserOf(given), person));
      expect(claims).toMatchObject({ iss: issuer, aud: client.name, sub: uuid, name: person.name, preferred_username: person.username, email: person.email, groups: ["members"] });
      expect(decodeProtectedHeader(idToken).alg).toBe("RS256");
    });

    it("gets no tokens with another secret", async () => {
      const { person } = await memberOf(given, ["members"]);
      const opened = await openAt(given, browserOf(given), person);
      const code = opened.arrived?.url.searchParams.get("code") ?? "";
      const { status, text } = await browserOf(given).ask(`${originOf("auth")}/application/o/token/`, {
        method: "POST",
        form: { grant_type: "authorization_code", code, redirect_uri: `${originOf("@")}${client.callback}`, client_id: client.name, client_secret: "guessed", code_verifier: opened.verifier },
      });
      expect([status, JSON.parse(text)]).toEqual([400, expect.objectContaining({ error: "invalid_client" })]);
    });

    it("gets no code to another address", async () => {
      const address = new URL(`${originOf("auth")}/application/o/authorize/`);
      address.search = new URLSearchParams({ client_id: client.name, response_type: "code", scope: "openid", redirect_uri: "https://elsewhere.example/auth/callback" }).toString();
      const { status, headers } = await browserOf(given).ask(address);
      expect(status).toBe(400);
      expect(headers["location"]).toBeUndefined();
    });

    it("is told when somebody signs out at Authentik, by a signed token that names them", { timeout: 240_000 }, async () => {
      const { person, uuid } = await memberOf(given, ["members"]);
      const browser = browserOf(given);
      const opened = await openAt(given, browser, person);
      const { idToken } = await tokensOf(opened);
      const home = await browser.follow(buildEndSessionUrl(opened.configuration, { id_token_hint: idToken, post_logout_redirect_uri: `${originOf("@")}/` }), isFlowPage);
      await browser.follow(home.url);
      await browser.ask(`${originOf("auth")}/api/v3/flows/executor/jlam-application-sign-out/?query=`);
      const { answer } = await until(() => logoutTokens(given), (tokens) => tokens.some(({ claims }) => claims.sub === uuid), 150_000);
      const token = answer.find(({ claims }) => claims.sub === uuid);
      expect(token?.claims).toMatchObject({ iss: issuer, aud: client.name, events: { "http://schemas.openid.net/event/backchannel-logout": {} } });
      expect(token?.header.alg).toBe("RS256");
    });
  });
}
