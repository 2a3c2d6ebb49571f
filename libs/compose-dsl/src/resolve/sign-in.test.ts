import { describe, expect, test } from "vitest";
import { checkEnvironment, clientSecret, file, forwardAuth, frontRanges, identity, middleware, oidc, resolveEnvironment, route, service, stackProvider, type Provider, type ServiceNode } from "../index.ts";
import { basis, place, program, tool } from "../testing/platform.fixture.ts";

const auth = service("auth", {
  ...basis,
  zone: "identity",
  ports: { http: 9000 },
  secrets: { CLIENT_SECRET_WEB: clientSecret("web") },
  settings: { TRUSTED: frontRanges(), CLIENT_SECRET_FILE: file("CLIENT_SECRET_WEB") },
});
const provider: Provider = stackProvider(identity, {
  endpoint: auth.ports.http,
  clients: { host: "auth", issuerPath: (client) => `/application/o/${client}/`, groups: ["members"], tellsSignOuts: "auth", accountsPath: "/api" },
  wall: { outpost: auth.ports.http, outpostPath: "/outpost", middleware: middleware("sign-in", { forwardAuth: { address: "http://auth:9000/", trustForwardHeader: true } }) },
});
const member = { ...basis, ports: { http: 80 }, signIn: oidc({ callback: "/auth/callback", groups: ["members"] }) } as const;
const web = service("web", { ...member, image: program });
const toWeb = route(web.ports.http, { host: "app" });
const toAuth = route(auth.ports.http, { host: "auth", openBecause: "people who sign in aren't signed in yet" });

const resolved = (client: ServiceNode = web, parts: Partial<Parameters<typeof place>[0]> = {}) =>
  resolveEnvironment(place({ services: [client, auth], provides: [provider], routes: [toWeb, toAuth], ...parts }));
const variables = (client?: ServiceNode, parts?: Partial<Parameters<typeof place>[0]>) =>
  Object.fromEntries([...(resolved(client, parts).services.get("web")?.environment ?? [])].map(([name, { value }]) => [name, value]));

describe("a service that signs people in itself", () => {
  test("is told its issuer, itself, its secret's file, where people come back to, and the internal address", () => {
    expect(variables()).toEqual({
      OIDC_ISSUER: "https://auth.example.org/application/o/web/",
      OIDC_CLIENT_ID: "web",
      OIDC_CLIENT_SECRET_FILE: "/run/secrets/OIDC_CLIENT_SECRET",
      OIDC_CALLBACK_URL: "https://app.example.org/auth/callback",
      OIDC_BACK_CHANNEL: "http://auth:9000",
      OIDC_REQUIRED_GROUPS: "members",
    });
  });

  test("gets the token that lets it remove accounts only when it says so", () => {
    const erasing = service("web", { ...basis, ports: { http: 80 }, image: program, signIn: oidc({ callback: "/auth/callback", groups: ["members"], accounts: "erase" }) });
    expect(variables(erasing)).toMatchObject({ OIDC_ACCOUNTS_API: "http://auth:9000/api", OIDC_ACCOUNTS_TOKEN_FILE: "/run/secrets/OIDC_ACCOUNTS_TOKEN" });
    expect(resolved(erasing).secrets.get("identity-sign-in.web.accounts")?.consumers).toEqual([{ service: "web", file: "OIDC_ACCOUNTS_TOKEN" }]);
    expect(resolved().secrets.has("identity-sign-in.web.accounts")).toBe(false);
  });

  test("is told of sign-outs on a network of their own, and only when it says where", () => {
    const told = service("web", { ...basis, ports: { http: 80 }, image: program, signIn: oidc({ callback: "/auth/callback", groups: ["members"], backChannelLogout: "/signed-out" }) });
    expect(resolved(told).networks.get("auth--web")).toMatchObject({ internal: true, members: ["auth", "web"], because: "tells it of sign-outs, which end its sessions" });
    expect(variables(told)).toMatchObject({ OIDC_BACK_CHANNEL_LOGOUT_PATH: "/signed-out" });
    expect(resolved().networks.has("auth--web")).toBe(false);
  });

  test("is told addresses with the published port where it isn't 443", () => {
    expect(variables(web, { publishing: { address: "127.0.0.1", http: 10080, https: 10443 } })).toMatchObject({
      OIDC_ISSUER: "https://auth.example.org:10443/application/o/web/",
      OIDC_CALLBACK_URL: "https://app.example.org:10443/auth/callback",
    });
  });

  test("comes back by the route that takes the callback", () => {
    const routes = [route(web.ports.http, { host: "api", path: "/api" }), toWeb, toAuth];
    expect(variables(web, { routes })).toMatchObject({ OIDC_CALLBACK_URL: "https://app.example.org/auth/callback" });
  });

  test("gets no variables when it runs another's program, which doesn't know their names", () => {
    expect(variables(service("web", { ...member, image: tool }))).toEqual({});
  });

  test("has an internal network with the identity provider, whose reason is the sign-in", () => {
    expect(resolved().networks.get("web--auth")).toMatchObject({ internal: true, members: ["web", "auth"], because: "signs people in: exchanges the code that they bring for tokens" });
  });

  test("starts without waiting for the identity provider", () => {
    expect(resolved().services.get("web")?.dependsOn).toEqual([]);
  });

  test("shares one secret with the identity provider, a file for each", () => {
    expect(resolved().secrets.get("identity-sign-in.web")).toMatchObject({
      source: { kind: "generated", bytes: 24 },
      consumers: [
        { service: "auth", file: "CLIENT_SECRET_WEB" },
        { service: "web", file: "OIDC_CLIENT_SECRET" },
      ],
    });
  });

  test("gets a secret from a person where others run the identity provider", () => {
    const theirs = { ...provider, binding: { ...provider.binding, passwords: "theirs" as const } };
    expect(resolved(web, { provides: [theirs] }).secrets.get("identity-sign-in.web")?.source).toMatchObject({ kind: "provided", description: expect.stringContaining('the client "web"') });
  });

  test("reaches outside where the identity provider is outside", () => {
    const outside = { ...provider, binding: { ...provider.binding, address: { kind: "outside" as const, host: "id.example.com", port: 443 }, tls: { kind: "verify-full" as const, certificateAuthority: "public" as const } } };
    const environment = resolved(web, { provides: [outside] });
    expect([...environment.networks.keys()]).toContain("web--outside");
    expect(environment.services.get("web")?.environment.get("OIDC_BACK_CHANNEL")?.value).toBe("https://id.example.com:443");
  });

  test("breaks no rule of zones, though nobody wrote the edge", () => {
    const found = checkEnvironment(resolved()).filter(({ severity, subject }) => severity === "error" && subject.includes("web"));
    expect(found).toEqual([]);
  });

  test("finds the sign-in named as the cause of everything that it was given", () => {
    const client = resolved().services.get("web");
    const whys = [...[...(client?.environment.values() ?? [])].map(({ why }) => why), ...(client?.secrets ?? []).map(({ why }) => why)];
    expect(whys).toHaveLength(7);
    for (const why of whys) expect(why).toMatchObject({ kind: "derived", field: "signIn", at: web.at });
  });
});

describe("the identity provider", () => {
  test("believes forwarded headers from the proxy and from those who sign people in, and from nobody else", () => {
    const stranger = service("stranger", { ...basis, connects: { auth: auth.ports.http } });
    const environment = resolved(web, { services: [web, auth, stranger] });
    const subnets = ["traefik--auth", "web--auth"].map((name) => environment.networks.get(name)?.subnet ?? "").sort();
    expect(environment.services.get("auth")?.environment.get("TRUSTED")?.value).toBe(subnets.join(","));
  });

  test("has no network with a service behind the wall, which knows nobody", () => {
    const walled = service("web", { ...basis, ports: { http: 80 }, signIn: forwardAuth({ groups: ["members"] }) });
    expect([...resolved(walled).networks.keys()].sort()).toEqual(["traefik--auth", "traefik--web"]);
  });
});
