/** The ways in which an Authentik behind Traefik goes wrong silently; each is impossible in what is emitted. */
import { emitFiles, resolveEnvironment, type EnvironmentNode, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import { entriesOf, type ReadEntry } from "./blueprints/read.fixture.ts";
import { releases } from "./blueprints/fields.ts";
import { signInsOf } from "./blueprints/sign-ins.ts";
import { capabilities } from "./capabilities.ts";
import { retiredFindings } from "./findings.ts";
import { identityHeaders } from "./forward-auth.ts";
import { platform, web } from "./platform.fixture.ts";

const newest = platform("2026.8.6");
const resolved = resolveEnvironment(newest);
const files = emitFiles(resolved);
const entries = entriesOf(newest);

const all = (model: string, from: readonly ReadEntry[] = entries): readonly ReadEntry[] => from.filter((entry) => entry.model === model && entry.state !== "absent");
const service = (name: string, environment: ResolvedEnvironment = resolved) => {
  const found = environment.services.get(name);
  if (!found) throw new RangeError(`the platform has no ${name}`);
  return found;
};
const variables = (name: string, environment?: ResolvedEnvironment) => Object.fromEntries([...service(name, environment).environment].map(([variable, { value }]) => [variable, value]));
const authentikFile = files.get("authentik.yaml") ?? "";
const signInFile = load([...files].find(([path]) => path.endsWith("/sign-in.yaml"))?.[1] ?? "") as { readonly http: SignInFile };

interface SignInFile {
  readonly routers: Readonly<Record<string, { readonly rule: string; readonly middlewares: readonly string[]; readonly priority: number; readonly service: string }>>;
  readonly middlewares: { readonly "sign-in": { readonly forwardAuth: { readonly address: string; readonly trustForwardHeader: boolean; readonly authResponseHeaders: readonly string[]; readonly maxResponseBodySize: number } } };
}

describe("mistake 1: the wall's middleware on Authentik's labels, where it vanishes while Authentik is unhealthy", () => {
  test("it is in the proxy's own file", () => {
    expect(Object.keys(signInFile.http.middlewares)).toEqual(["sign-in"]);
    expect(authentikFile).not.toMatch(/traefik\.http\.middlewares\.[^.]+\.forwardAuth/i);
  });
});

describe("mistake 2: an outpost route that is missing, shadowed, or itself behind the wall", () => {
  test("every walled host has one, above every other, without the wall", () => {
    const routers = Object.values(signInFile.http.routers);
    expect(routers.map(({ rule }) => rule)).toEqual(["monitor", "metrics"].map((name) => `Host(\`${name}.example.org\`) && PathPrefix(\`/outpost.goauthentik.io/\`)`));
    for (const { middlewares, priority } of routers) {
      expect(middlewares).not.toContain("sign-in@file");
      expect(priority).toBe(100_000);
    }
  });

  test("the host on which people sign in is not behind the wall", () => {
    expect(resolved.routes.filter(({ walled }) => walled).map(({ host }) => host)).toEqual(["monitor.example.org", "metrics.example.org"]);
  });
});

describe("mistake 3: an address that is public, or that the proxy can't reach", () => {
  test("it is internal, on a network that the proxy shares with the server", () => {
    expect(signInFile.http.middlewares["sign-in"].forwardAuth.address).toBe("http://authentik-server:9000/outpost.goauthentik.io/auth/traefik");
    expect(resolved.networks.get("traefik--authentik-server")?.members).toEqual(["traefik", "authentik-server"]);
  });
});

describe("mistake 4: an authentik_host that is empty, internal or without scheme", () => {
  test.each<[number, string]>([
    [443, "https://auth.example.org/"],
    [10443, "https://auth.example.org:10443/"],
  ])("published on %i it is %s", (port, address) => {
    const [outpost] = all("authentik_outposts.outpost", entriesOf(platform("2026.8.6", undefined, port)));
    expect(outpost?.attrs?.["config"]).toEqual({ authentik_host: address });
  });
});

describe("mistake 5: a provider that the outpost doesn't know, or two blueprints that each say which it has", () => {
  test("one entry lists the provider of every walled host", () => {
    const outposts = all("authentik_outposts.outpost");
    expect(outposts).toHaveLength(1);
    const providers = all("authentik_providers_proxy.proxyprovider").map(({ id }) => ({ tag: "!KeyOf", value: id }));
    expect(providers).toHaveLength(2);
    expect(outposts[0]?.attrs?.["providers"]).toEqual(providers);
  });
});

describe("mistake 6: server and worker of different versions, or of none", () => {
  test("both run the image that the stack was asked for", () => {
    for (const name of ["authentik-server", "authentik-worker"]) expect(service(name).image.value).toContain("ghcr.io/goauthentik/server:2026.8.6");
  });

  test.each(["latest", "2024.12.5", "2027.2.0", "edge-2026.8"])("the tag %s is an error", (tag) => {
    expect(problems(platform(tag))).toEqual([["authentik-version", "error"]]);
  });

  test("a release without security fixes is a warning with the day on which they ended", () => {
    expect(problems(platform("2025.8.6"))).toEqual([["authentik-support", "warning"]]);
    expect(resolveEnvironment(platform("2025.8.6")).problems[0]?.message).toContain("ended on 2026-01-13");
    expect(problems(platform("2026.5.8"))).toEqual([]);
  });

  const problems = (environment: EnvironmentNode) => resolveEnvironment(environment).problems.map(({ rule, severity }) => [rule, severity]);
});

describe("an application that is gone", () => {
  test("may not stand in the list of the retired while a service of its name signs people in", () => {
    const { clients, walled } = signInsOf(surroundings, "auth");
    expect(retiredFindings(["monitor", "gone"], { origin: "", clients, walled }, web.at).map(({ rule, subject }) => [rule, subject])).toEqual([["sign-in-retired", "monitor"]]);
    expect(retiredFindings(["gone"], { origin: "", clients, walled }, web.at)).toEqual([]);
  });

  const surroundings = {
    environment: "test",
    domain: "example.org",
    services: [...resolved.services.values()].map(({ node }) => node),
    routes: resolved.routes.map(({ route }) => route),
    resources: [],
    providers: [],
    certificates: newest.certificates,
    released: false,
    publishing: newest.publishing,
    host: newest.host,
    hostName: (name: string) => `${name}.example.org`,
  };
});

describe("mistake 7: a service that is reached beside the proxy", () => {
  test("neither Authentik nor what is behind the wall publishes a port, and each has the proxy for itself", () => {
    for (const name of ["authentik-server", "authentik-worker", "monitor", "metrics"]) expect(service(name).node.publishes).toEqual({});
    for (const name of ["monitor", "metrics"]) expect(service(name).networks.map((network) => network.name)).toEqual([`traefik--${name}`]);
  });
});

describe("mistake 8: identity headers that a client can forge", () => {
  test("every header that Authentik sets is listed, and trust is said", () => {
    const { authResponseHeaders, trustForwardHeader, maxResponseBodySize } = signInFile.http.middlewares["sign-in"].forwardAuth;
    expect(authResponseHeaders).toEqual(identityHeaders);
    expect(identityHeaders).toHaveLength(12);
    expect(trustForwardHeader).toBe(true);
    expect(maxResponseBodySize).toBe(1_048_576);
  });
});

describe("mistake 10: a second factor that is optional, an application for everybody, an edited default flow", () => {
  test("whoever may do damage sets one up before they go on", () => {
    const stage = all("authentik_stages_authenticator_validate.authenticatorvalidatestage").find(({ id }) => id === "jlam-second-factor-required");
    expect(stage?.attrs?.["not_configured_action"]).toBe("configure");
    expect(stage?.attrs?.["configuration_stages"]).toHaveLength(2);
    expect(groupsOf("jlam-authentication-second-factor-required")).toEqual([["administrators", false], ["operators", false]]);
    expect(groupsOf("jlam-authentication-second-factor-offered")).toEqual([["administrators", true], ["operators", true]]);
  });

  test("every application lets in exactly the groups that its service says", () => {
    expect(all("authentik_core.application").map(({ id }) => [id, groupsOf(id ?? "").map(([group]) => group)])).toEqual([
      ["application-web", ["members"]],
      ["application-monitor", ["administrators", "operators"]],
      ["application-metrics", ["administrators"]],
    ]);
  });

  test("a group that is no longer let in loses its binding", () => {
    const gone = entries.filter(({ model, state }) => model === "authentik_policies.policybinding" && state === "absent");
    expect(gone.filter(({ identifiers }) => JSON.stringify(identifiers?.["target"]).includes('"application-metrics"')).map(({ identifiers }) => groupName(identifiers))).toEqual(["operators", "members"]);
  });

  test("no entry writes an object of Authentik's own, but for the outpost and the first administrator", () => {
    const foreign = entries.filter(({ model, identifiers }) => {
      const name = identifiers?.["name"] ?? identifiers?.["slug"];
      return model !== "authentik_core.group" && model !== "authentik_core.application" && typeof name === "string" && !name.startsWith("jlam-");
    });
    expect(foreign).toEqual([]);
    expect(entries.filter(({ identifiers }) => JSON.stringify(identifiers ?? {}).includes("default-"))).toEqual([]);
  });

  const groupName = (values: ReadEntry["identifiers"]): string => /"name","([^"]+)"/.exec(JSON.stringify(values?.["group"]))?.[1] ?? "";
  const groupsOf = (target: string) =>
    all("authentik_policies.policybinding")
      .filter(({ identifiers }) => JSON.stringify(identifiers?.["target"]) === JSON.stringify({ tag: "!KeyOf", value: target }))
      .map(({ identifiers, attrs }) => [groupName(identifiers), attrs?.["negate"]]);
});

describe("mistake 11: blueprints that nobody reads, and secrets that can't be read", () => {
  const preparation = service("authentik-blueprints");

  test("the preparation applies every file that it mounts, in order, behind Authentik's own that they refer to", () => {
    const mounted = preparation.mounts.map(({ path }) => path).filter((path) => path.endsWith(".yaml"));
    expect(mounted.map((path) => path.replace("/blueprints/jlam/", ""))).toEqual(["groups.yaml", "self-service.yaml", "authentication.yaml", "brand.yaml", "applications.yaml", "accounts.yaml", "alerts.yaml"]);
    expect(preparation.node.entrypoint).toEqual([
      ...["python", "-m", "jlam.prepare", "system/providers-oauth2.yaml", "system/providers-proxy.yaml"],
      ...mounted.map((path) => path.replace("/blueprints/", "")),
    ]);
  });

  test("the server and the worker wait for it", () => {
    for (const name of ["authentik-server", "authentik-worker"]) expect(service(name).dependsOn).toContainEqual(expect.objectContaining({ service: "authentik-blueprints", condition: "service_completed_successfully" }));
  });

  test("a file whose content changes starts it anew", () => {
    const label = (environment: EnvironmentNode) => /nl\.jlam\.configuration: (\S+)/.exec((emitFiles(resolveEnvironment(environment)).get("authentik.yaml") ?? "").split("authentik-server:")[0] ?? "")?.[1];
    expect(label(newest)).toMatch(/^[0-9a-f]{16}$/);
    expect(label(platform("2026.8.6", undefined, 10443))).not.toBe(label(newest));
  });

  test("every file that they or the program name is a secret of the preparation, and every one in settings a secret of who has them", () => {
    const named = [...JSON.stringify(entries).matchAll(/"!File","value":"\/run\/secrets\/([^"]+)"/g)].map(([, name]) => name);
    expect(named).toEqual(["OIDC_CLIENT_SECRET_WEB", "OIDC_ACCOUNTS_TOKEN_WEB"]);
    expect(preparation.secrets.map(({ file }) => file)).toEqual(expect.arrayContaining([...named, "ADMINISTRATOR_PASSWORD"]));
    for (const name of ["authentik-blueprints", "authentik-worker", "authentik-server"]) {
      const inSettings = [...JSON.stringify(variables(name)).matchAll(/file:\/\/\/run\/secrets\/([^"]+)"/g)].map(([, file]) => file);
      expect(inSettings.length).toBeGreaterThanOrEqual(2);
      expect(service(name).secrets.map(({ file }) => file)).toEqual(expect.arrayContaining(inSettings));
    }
  });

  test("no running program has a secret of a client, or the administrator's password", () => {
    for (const name of ["authentik-worker", "authentik-server"]) expect(service(name).secrets.map(({ file }) => file)).not.toContainEqual(expect.stringMatching(/OIDC|ADMINISTRATOR/));
  });

  test("the client's secret is one value, in a file of the preparation and one of the client", () => {
    expect(resolved.secrets.get("identity-sign-in.web")?.consumers).toEqual(
      expect.arrayContaining([
        { service: "authentik-blueprints", file: "OIDC_CLIENT_SECRET_WEB" },
        { service: "web", file: "OIDC_CLIENT_SECRET" },
      ]),
    );
  });
});

describe("mistake 12: what an older release had, or what a newer one needs", () => {
  test.each(releases)("%s has its own data path and Redis only where it needs one", (release) => {
    const environment = resolveEnvironment(platform(`${release}.1`));
    const { dataPath, needsRedis } = capabilities[release];
    for (const name of ["authentik-server", "authentik-worker"]) {
      expect(service(name, environment).mounts.map(({ path }) => path)).toContain(dataPath);
      expect(service(name, environment).node.sharedMemory?.bytes).toBe(512 * 1024 * 1024);
    }
    expect(environment.services.has("authentik-redis")).toBe(needsRedis);
    expect("AUTHENTIK_REDIS__HOST" in variables("authentik-server", environment)).toBe(needsRedis);
    expect(environment.problems.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test("only 2025.8 needs Redis, and /media ends with 2025.10", () => {
    expect(releases.filter((release) => capabilities[release].needsRedis)).toEqual(["2025.8"]);
    expect(releases.filter((release) => capabilities[release].dataPath === "/media")).toEqual(["2025.8", "2025.10"]);
  });

  test("the proxy's exact networks are trusted, in a private range", () => {
    const subnets = ["traefik--authentik-server", "web--authentik-server"].map((name) => resolved.networks.get(name)?.subnet ?? "");
    expect(variables("authentik-server")["AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS"]?.split(",")).toEqual(subnets.sort());
    for (const subnet of subnets) expect(subnet).toMatch(/^10\./);
    expect(variables("authentik-server", resolveEnvironment(platform("2026.5.8")))).not.toHaveProperty("AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS");
  });

  test("the public address is said from 2026.8 on", () => {
    expect(variables("authentik-server")["AUTHENTIK_WEB__BASE_URL"]).toBe("https://auth.example.org");
    expect(variables("authentik-server", resolveEnvironment(platform("2026.5.8")))).not.toHaveProperty("AUTHENTIK_WEB__BASE_URL");
  });
});

describe("mistake 13: one provider for a whole domain, where each page has its own groups", () => {
  test("every walled host has a provider of its own, of that host alone, without a path", () => {
    expect(all("authentik_providers_proxy.proxyprovider").map(({ attrs }) => [attrs?.["mode"], attrs?.["external_host"], attrs?.["cookie_domain"]])).toEqual([
      ["forward_single", "https://monitor.example.org", undefined],
      ["forward_single", "https://metrics.example.org", undefined],
    ]);
  });
});

describe("mistake 14: measurements on the public door", () => {
  test("no route leads to port 9300", () => {
    expect(resolved.routes.filter(({ port }) => port === 9300)).toEqual([]);
  });
});

describe("mistake 15: a rate limit too tight for the flow executor", () => {
  test("the host on which people sign in has a looser one, and guessing is refused by reputation", () => {
    const [limit] = resolved.routes.find(({ service: name }) => name === "authentik-server")?.own ?? [];
    expect(limit?.configuration).toEqual({ rateLimit: { average: 200, period: "1s", burst: 400 } });
    expect(all("authentik_policies_reputation.reputationpolicy")[0]?.attrs).toMatchObject({ check_ip: true, check_username: true, threshold: -5 });
  });
});

describe("mistake 16: Authentik's database where the proxy or an application sees it", () => {
  test("only Authentik is on a network with it", () => {
    const reaching = [...resolved.networks.values()].filter(({ members }) => members.includes("postgres-auth")).flatMap(({ members }) => members);
    expect(new Set(reaching)).toEqual(new Set(["postgres-auth", "authentik-blueprints", "authentik-server", "authentik-worker"]));
  });
});

describe("mistake 17: a health check with a program that the image lacks", () => {
  test("both ask Authentik itself, without a shell", () => {
    for (const name of ["authentik-server", "authentik-worker"]) expect(service(name).node.health).toMatchObject({ kind: "command", command: ["ak", "healthcheck"] });
  });
});
