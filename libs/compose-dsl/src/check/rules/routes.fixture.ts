import { forwardAuth, identity, middleware, oidc, route, service, stackProvider, type Provider, type Route } from "../../index.ts";
import { controls } from "../../testing/control.fixture.ts";
import { basis, place } from "../../testing/platform.fixture.ts";
import { routeHost, routePath, routePriority, routerName, routeShadow } from "./routes.ts";
import { signInClients, signInGroups, signInRoute, signInWall, wallWithoutDoor } from "./sign-in.ts";

const web = service("web", { ...basis, ports: { http: 80 } });
const api = service("api", { ...basis, ports: { http: 80 } });
const auth = service("auth", { ...basis, ports: { http: 80 } });
const protectedWeb = service("web", { ...basis, ports: { http: 80 }, signIn: forwardAuth({ groups: ["members"] }) });
const memberWeb = service("web", { ...basis, ports: { http: 80 }, signIn: oidc({ callback: "/auth/callback", groups: ["members"] }) });

const toWeb = (options: Partial<Parameters<typeof route>[1]> = {}): Route => route(web.ports.http, { host: "@", ...options });
const toApi = (options: Partial<Parameters<typeof route>[1]> = {}): Route => route(api.ports.http, { host: "@", ...options });
const routed = (...routes: readonly Route[]) => () => place({ services: [web, api], routes });

const wall = { outpost: auth.ports.http, outpostPath: "/outpost", middleware: middleware("sign-in", { forwardAuth: { address: "http://auth/", trustForwardHeader: true } }) } as const;
const clients = { host: "auth", issuerPath: (client: string): `/${string}` => `/${client}/`, groups: ["members"], accountsPath: "/api" } as const;
const walled: Provider = stackProvider(identity, { endpoint: auth.ports.http, wall, clients });
const { wall: _wall, ...withoutWall } = walled.binding;
const { clients: _clients, ...withoutClients } = walled.binding;

export default [
  ...controls(
    routeHost,
    ["a host lies outside the domain", routed(toWeb({ host: "www.example.com" })), /www\.example\.com, which lies outside the domain example\.org/],
    ["a host only ends like the domain", routed(toWeb({ host: "evilexample.org" })), /outside the domain/],
    ["a host is no name", routed(toWeb({ host: "a_b" })), /"a_b\.example\.org" is not a host name/],
    ["a host is the domain, below it, or in full", routed(toWeb(), toWeb({ host: "www" }), toWeb({ host: "shop.example.org" }))],
  ),
  ...controls(
    routePath,
    ["a path ends with a slash", routed(toWeb({ path: "/api/" })), /"\/api\/" is not the path of a route/],
    ["a path has a placeholder", routed(toWeb({ path: "/{id}" })), /"\/\{id\}"/],
    ["a path has a backtick", routed(toWeb({ path: "/`" })), /not the path/],
    ["a path is plain", routed(toWeb(), toWeb({ path: "/api/v1.0" }))],
  ),
  ...controls(
    routePriority,
    ["a priority reaches the wall's", routed(toWeb({ priority: 100_000 })), /is 100000/],
    ["a priority is 0", routed(toWeb({ priority: 0 })), /is 0/],
    ["a priority is the largest below the wall's", routed(toWeb({ priority: 99_999 }))],
  ),
  ...controls(
    routerName,
    ["two routes of a service differ in nothing that names them", routed(toWeb({ path: "/a-b" }), toWeb({ path: "/a.b" })), /two routers are called "web-a-b"/],
    [
      "a route's own middleware gets the name of another's",
      () => {
        const webApi = service("web-api", { ...basis, ports: { http: 80 } });
        const named = (name: string) => ({ middlewares: [middleware(name, { rateLimit: { average: 1 } })] });
        return place({ services: [web, webApi], routes: [toWeb(named("api-limit")), route(webApi.ports.http, { host: "@", ...named("limit") })] });
      },
      /two middlewares are called "web-api-limit"/,
    ],
    ["a host and a path give one name", routed(toWeb({ host: "www" }), toWeb({ path: "/www" })), /two routers are called "web-www"/],
    ["routes of two services have one address each", routed(toWeb(), toApi({ path: "/api" }))],
  ),
  ...controls(
    routeShadow,
    ["two services take one address", routed(toWeb(), toApi()), /two routes take example\.org\/: "web" and "api" \(routes\.fixture\.ts:\d+\)/],
    ["two services take one path of two different methods of which one is shared", routed(toWeb({ methods: ["GET", "POST"] }), toApi({ methods: ["POST", "HEAD"] })), /two routes take/],
    ["a broader route has the higher priority", routed(toWeb({ priority: 500 }), toApi({ path: "/api" })), /"api-api" for example\.org\/api is never asked: "web" takes all/],
    ["the broader route is declared last", routed(toApi({ path: "/api" }), toWeb({ priority: 500 })), /"api-api" for example\.org\/api is never asked/],
    ["a route with a lower priority has the same path", routed(toWeb({ priority: 2 }), toApi({ priority: 1 })), /"api" for example\.org\/ is never asked/],
    [
      "a route lies below the wall's own path",
      () => place({ services: [protectedWeb, auth], provides: [walled], routes: [toWeb(), toWeb({ path: "/outpost/x" })] }),
      /"web-outpost-x" .* is never asked: the sign-in wall answers below \/outpost/,
    ],
    ["a narrower route comes first by itself", routed(toWeb(), toApi({ path: "/api" }))],
    ["paths only begin alike as text", routed(toWeb({ path: "/api", priority: 500 }), toApi({ path: "/apidocs" }))],
    ["the broader route with the higher priority takes other methods", routed(toWeb({ methods: ["POST"], priority: 500 }), toApi({ path: "/api", methods: ["GET"] }))],
    ["hosts differ", routed(toWeb(), toApi({ host: "api" }))],
  ),
  ...controls(
    signInRoute,
    ["nobody can reach a service that signs people in", () => place({ services: [memberWeb, auth], provides: [walled] }), /"web" declares `signIn`, and no route leads to it/],
    [
      "no route takes the callback",
      () => place({ services: [memberWeb, auth], provides: [walled], routes: [toWeb({ path: "/app" })] }),
      /takes its sign-in callback \/auth\/callback; they take \/app/,
    ],
    ["a route takes the callback", () => place({ services: [memberWeb, auth], provides: [walled], routes: [toWeb({ path: "/auth" })] })],
  ),
  ...controls(
    signInWall,
    [
      "the identity provider has no wall",
      () => place({ services: [protectedWeb, auth], provides: [{ ...walled, binding: withoutWall }], routes: [toWeb()] }),
      /"web" is behind the sign-in wall .* has no wall/,
    ],
    ["it has one", () => place({ services: [protectedWeb, auth], provides: [walled], routes: [toWeb()] })],
    ["the service signs people in itself", () => place({ services: [memberWeb, auth], provides: [{ ...walled, binding: withoutWall }], routes: [toWeb()] })],
  ),
  ...controls(
    signInClients,
    [
      "the identity provider takes no clients",
      () => place({ services: [memberWeb, auth], provides: [{ ...walled, binding: withoutClients }], routes: [toWeb()] }),
      /"web" signs people in itself .* takes no clients/,
    ],
    ["it takes them", () => place({ services: [memberWeb, auth], provides: [walled], routes: [toWeb()] })],
    ["the service is behind the wall", () => place({ services: [protectedWeb, auth], provides: [{ ...walled, binding: withoutClients }], routes: [toWeb()] })],
  ),
  ...controls(
    signInGroups,
    [
      "a group is not known",
      () => place({ services: [service("web", { ...basis, ports: { http: 80 }, signIn: forwardAuth({ groups: ["member"] }) }), auth], provides: [walled], routes: [toWeb()] }),
      /the group "member" in, which the identity provider doesn't know\. Did you mean "members"/,
    ],
    ["every group is known", () => place({ services: [memberWeb, auth], provides: [walled], routes: [toWeb()] })],
  ),
  ...controls(
    wallWithoutDoor,
    ["every route goes round the wall", () => place({ services: [protectedWeb, auth], provides: [walled], routes: [toWeb({ openBecause: "a test" })] }), /every route to "web" is open/],
    ["one goes round it", () => place({ services: [protectedWeb, auth], provides: [walled], routes: [toWeb(), toWeb({ path: "/health", openBecause: "a probe asks" })] })],
  ),
];
