/** Attempts to get past the wall before a service that has no sign-in of its own: the right session beside each passes. */
import type { TestBrowser } from "@jlam/test-browser";
import type { Container } from "dockerode";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { engine } from "../../../tools/jlam/src/runtime/containers.ts";
import { containerId, inspect } from "../stack/environment.ts";
import { ask } from "../stack/https.ts";
import { networkOnEngine, probe, probeLabels } from "../stack/probe.ts";
import { until } from "../stack/until.ts";
import { auth, cookies, isBehindWall, isSkipped, newBrowser, signIn, signOutAtProvider, signedIn, site, standInMissing, titled, typePassword, walled, walledHost } from "./person.ts";

const missing = standInMissing("prometheus");
const page = "/api/v1/status/buildinfo";
const outpost = `${walled}/outpost.goauthentik.io`;

/** Only the service behind the wall says this of itself. */
const secret = '"goVersion"';

describe.skipIf(isSkipped(missing))(titled("the wall before metrics", missing), () => {
  let operator: TestBrowser;

  beforeAll(async () => {
    operator = await signedIn("operator", `${walled}${page}`);
  });

  /** The cookie header with which the operator passes. */
  const session = (): string => `${cookies.wall}=${operator.cookie(walled, cookies.wall) ?? ""}`;

  test("an operator who signed in sees what is behind it", async () => {
    const { status, body } = await operator.open(`${walled}${page}`);
    expect(status).toBe(200);
    expect(body).toContain(secret);
  });

  test("1: without a session everybody is sent to sign in", async () => {
    const answer = await newBrowser().open(`${walled}${page}`);
    expect(answer.status).toBe(302);
    expect(answer.location).toMatch(new RegExp(`^${auth}/application/o/authorize/`));
    expect(answer.body).not.toContain(secret);
  });

  test.each(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"] as const)("2: %s is no way around it", async (method) => {
    expect((await ask(page, { method }, walledHost)).status).toBe(302);
    expect((await ask(page, { method, headers: [["cookie", session()]] }, walledHost)).status).not.toBe(302);
  });

  test.each([
    ["X-authentik-username", "operator"],
    ["X-authentik-groups", "administrators|operators"],
    ["X-authentik-uid", "6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b03"],
    ["X_authentik_username", "operator"],
    ["X-authentik-auth-callback", "true"],
    ["Remote-User", "operator"],
    ["Authorization", "Bearer forged"],
  ])("3: %s: %s makes nobody an operator", async (name, value) => {
    expect((await ask(page, { headers: [[name, value]] }, walledHost)).status).toBe(302);
    expect((await ask(page, { headers: [[name, value], ["cookie", session()]] }, walledHost)).status).toBe(200);
  });

  test("3: a password that only a machine has is asked for anew, with a session or without, and whoever guesses is led nowhere", async () => {
    const guessed = ["Authorization", `Basic ${Buffer.from("operator:operator").toString("base64")}`] as const;
    for (const headers of [[guessed], [guessed, ["cookie", session()] as const]]) {
      const { status, headers: answered } = await ask(page, { headers }, walledHost);
      expect([status, answered["location"]]).toEqual([401, undefined]);
    }
  });

  test.each([
    ["X-Forwarded-Host", "onbekend.jlam.localhost"],
    ["X-Forwarded-Uri", "/outpost.goauthentik.io/ping"],
    ["X-Forwarded-Method", "OPTIONS"],
    ["X-Forwarded-For", "127.0.0.1"],
    ["X-Original-URL", "/outpost.goauthentik.io/ping"],
    ["X-Rewrite-URL", "/outpost.goauthentik.io/ping"],
    ["X-HTTP-Method-Override", "OPTIONS"],
  ])("4: %s: %s doesn't mislead it", async (name, value) => {
    expect((await ask(page, { headers: [[name, value]] }, walledHost)).status).toBe(302);
    expect((await ask(page, { headers: [[name, value], ["cookie", session()]] }, walledHost)).status).toBe(200);
  });

  test("5: a member, who lacks the group, signs in and still does not pass", async () => {
    const member = newBrowser();
    const refused = await signIn(member, "member", `${walled}${page}`);
    expect(refused.status).toBe(403);
    expect(refused.body).not.toContain(secret);
  });

  test.each(["", "a".repeat(43), "../../etc/passwd", "null"])("6: a session cookie that nobody was given (%j) opens nothing", async (value) => {
    const browser = newBrowser();
    browser.plant(walled, cookies.wall, value);
    expect(await isBehindWall(browser)).toBe(false);
    browser.plant(walled, cookies.wall, operator.cookie(walled, cookies.wall) ?? "");
    expect(await isBehindWall(browser)).toBe(true);
  });

  test("7: the sessions of the application and of the provider open no wall, and the wall's opens no account", async () => {
    const browser = await signedIn("administrator", `${walled}${page}`);
    const wall = browser.cookie(walled, cookies.wall) ?? "";
    const stranger = newBrowser();
    stranger.plant(site, cookies.application, wall);
    expect((await stranger.open(`${site}/account`)).status).toBe(303);
    for (const name of [cookies.wall, cookies.application]) stranger.plant(walled, name, (await signedIn("member")).cookie(site, cookies.application) ?? "");
    expect(await isBehindWall(stranger)).toBe(false);
    expect(await isBehindWall(browser)).toBe(true);
  });

  test("8: a session that was copied is worth nothing after signing out of the host", async () => {
    const browser = await signedIn("operator", `${walled}${page}`);
    const copy = browser.cookie(walled, cookies.wall) ?? "";
    const thief = newBrowser();
    thief.plant(walled, cookies.wall, copy);
    expect(await isBehindWall(thief)).toBe(true);
    expect((await browser.open(`${outpost}/sign_out`)).status).toBe(302);
    expect(await isBehindWall(thief)).toBe(false);
  });

  test("9: nor after signing out at the provider", async () => {
    const browser = await signedIn("operator", `${walled}${page}`);
    const thief = newBrowser();
    thief.plant(walled, cookies.wall, browser.cookie(walled, cookies.wall) ?? "");
    expect(await isBehindWall(thief)).toBe(true);
    await signOutAtProvider(browser, await browser.open(`${auth}/application/o/sign-in-stand-in/end-session/`));
    expect(await isBehindWall(thief)).toBe(false);
    expect(await isBehindWall(operator)).toBe(true);
  });

  test("10: the provider's answer is taken once", async () => {
    const browser = newBrowser();
    const answer = (await typePassword(browser, await browser.visit(`${walled}${page}`), "operator", `${outpost}/callback`)).location ?? "";
    expect((await browser.open(answer)).location).toBe(`${walled}${page}`);
    const thief = newBrowser();
    thief.plant(walled, "authentik_proxy_state", new URL(answer).searchParams.get("state") ?? "");
    expect((await thief.open(answer)).status).toBe(400);
    expect(await isBehindWall(thief)).toBe(false);
    expect(await isBehindWall(browser)).toBe(true);
  });

  test("11: and only in the browser that asked for it", async () => {
    const browser = newBrowser();
    const answer = (await typePassword(browser, await browser.visit(`${walled}${page}`), "operator", `${outpost}/callback`)).location ?? "";
    const victim = newBrowser();
    await victim.visit(`${walled}${page}`);
    expect((await victim.open(answer)).status).toBe(400);
    expect(victim.cookie(walled, cookies.wall)).toBeUndefined();
  });

  test("12: an answer with a made-up code, or the code of another application, opens nothing", async () => {
    const browser = newBrowser();
    const started = new URL((await browser.open(`${walled}${page}`)).location ?? "");
    const state = started.searchParams.get("state") ?? "";
    expect((await browser.open(`${outpost}/callback?${new URLSearchParams({ code: "made-up", state }).toString()}`)).status).toBe(400);
    expect(browser.cookie(walled, cookies.wall)).toBeUndefined();
  });

  test.each(["https://evil.example/", "//evil.example/", "/\\evil.example", "https:evil.example", "https://metrics.jlam.localhost.evil.example/", "javascript:alert(1)"])(
    "13: asked to lead to %s, signing in leads to the host itself",
    async (wanted) => {
      const browser = newBrowser();
      const form = await browser.visit(`${outpost}/start?rd=${encodeURIComponent(wanted)}`);
      const back = await typePassword(browser, form, "operator", `${outpost}/callback`);
      const { location } = await browser.open(back.location ?? "");
      expect(new URL(location ?? "").origin).toBe(walled);
    },
  );

  test("14: from a container on another network it isn't there at all", async () => {
    const target = [{ host: "prometheus", port: 9090 }, ...(await addressesOf("prometheus")).map((host) => ({ host, port: 9090 }))];
    const from = async (service: string) => await probe({ program: "connect", input: target, output: z.array(z.string()), in: { NetworkMode: `container:${await containerId(service)}` } });
    expect(await from("redis-sessions")).not.toContain("connected");
    expect(await from("traefik")).toContain("connected");
  });

  describe("what a service behind it is told", () => {
    let echo: Container;

    beforeAll(async () => {
      echo = await startEcho();
      await until(async () => (await operator.open(`${walled}/echo`)).body, (body) => body.includes("rawHeaders"), 20_000);
    }, 60_000);
    afterAll(async () => void (await echo.remove({ force: true, v: true })));

    const told = async (headers: readonly (readonly [string, string])[]): Promise<readonly (readonly [string, string])[]> => {
      const { text } = await ask("/echo", { headers: [["cookie", session()], ...headers] }, walledHost);
      const { rawHeaders } = z.object({ rawHeaders: z.array(z.string()) }).parse(JSON.parse(text));
      return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? ""] as const] : []));
    };
    const only = (headers: readonly (readonly [string, string])[], name: string) => headers.filter(([each]) => each === name).map(([, value]) => value);

    test("is who signed in, and their groups", async () => {
      const headers = await told([]);
      expect(only(headers, "x-authentik-username")).toEqual(["operator"]);
      expect(only(headers, "x-authentik-groups")).toEqual(["operators"]);
    });

    test.each(["X-authentik-username", "X-Authentik-Username", "x-AUTHENTIK-groups", "X-authentik-entitlements", "X-authentik-jwt", "X_authentik_username", "X.authentik.username"])(
      "15: is never what the visitor wrote in %s",
      async (name) => {
        const headers = await told([
          [name, "akadmin"],
          ["X-Plain", "arrives"],
        ]);
        expect(only(headers, "x-plain")).toEqual(["arrives"]);
        expect(headers.map(([, value]) => value)).not.toContain("akadmin");
        expect(only(headers, "x-authentik-username")).toEqual(["operator"]);
      },
    );

    test("16: can't be taken away by calling it a header of the connection", async () => {
      const headers = await told([["Connection", "close, X-authentik-username, X-authentik-groups"]]);
      expect(only(headers, "x-authentik-username")).toEqual(["operator"]);
      expect(only(headers, "x-authentik-groups")).toEqual(["operators"]);
    });
  });
});

async function addressesOf(service: string): Promise<readonly string[]> {
  return Object.values((await inspect(service)).NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);
}

/** Behind the same middleware on the same host, at a path of its own: answers with the headers that it got. */
async function startEcho(): Promise<Container> {
  const rule = `Host(\`${walledHost}\`) && Path(\`/echo\`)`;
  const container = await engine.createContainer({
    Image: (await inspect("web")).Image,
    Entrypoint: ["node", "-e", 'require("node:http").createServer((q, a) => a.end(JSON.stringify({ rawHeaders: q.rawHeaders }))).listen(8000, "0.0.0.0")'],
    User: "1000:1000",
    Labels: {
      ...probeLabels,
      "traefik.enable": "true",
      "traefik.docker.network": networkOnEngine("traefik--web"),
      "traefik.http.routers.walled-echo.entryPoints": "websecure",
      "traefik.http.routers.walled-echo.rule": rule,
      "traefik.http.routers.walled-echo.middlewares": "sign-in@file",
      "traefik.http.routers.walled-echo.tls": "true",
      "traefik.http.services.walled-echo.loadBalancer.server.port": "8000",
    },
    HostConfig: { NetworkMode: networkOnEngine("traefik--web") },
  });
  await container.start();
  return container;
}
