import { acme, http, port, route, service, stack, to } from "../../index.ts";
import { controls } from "../../testing/control.fixture.ts";
import { aDatabase, alive, basis, door, inContainer, place, proxy } from "../../testing/platform.fixture.ts";
import { subnetOverlap, zoneCrossing } from "./networks.ts";
import { hostPort, portClash, portNumber, publishedAddress } from "./ports.ts";
import { unusedMiddleware, unusedPort } from "./unused.ts";
import { middleware } from "../../model/middleware.ts";

const database = { ...aDatabase("app"), zone: "data" } as const;
const limit = middleware("limit", { rateLimit: { average: 1 } });
const limitedDoor = [stack("edge", { services: [door], proxy: { ...proxy, everyRoute: [limit] } })];
const api = service("api", { ...basis, ports: { http: 80 } });

export default [
  ...controls(
    portNumber,
    ["a port is 0", () => place({ services: [service("web", { ...basis, ports: { http: 0 } })] }), /port "http" of "web" is 0/],
    ["a port is above 65535", () => place({ services: [service("web", { ...basis, ports: { http: 65_536 } })] }), /65536/],
    ["a published port is no whole number", () => place({ services: [service("web", { ...basis, ports: { http: 80 }, publishes: { http: 80.5 } })] }), /publishes "http" as 80\.5/],
    ["ports are 1 and 65535", () => place({ services: [service("web", { ...basis, ports: { low: 1, high: 65_535 } })] })],
  ),
  ...controls(
    portClash,
    ["two services publish one port", () => place({ services: [service("web", { ...basis, ports: { http: 80 }, publishes: { http: 443 } })] }), /port 443 is published by "web" and by "traefik" \(platform\.fixture\.ts:\d+\)/],
    ["one service has a port twice", () => place({ services: [service("web", { ...basis, ports: { http: 80, metrics: 80 } })] }), /two names for the port 80: "http" and "metrics"/],
    ["two services listen on the same port inside", () => place({ services: [service("web", { ...basis, ports: { http: 80 } }), api] })],
  ),
  ...controls(
    hostPort,
    ["a service that isn't the proxy publishes a port", () => place({ services: [service("web", { ...basis, ports: { http: 80 }, publishes: { http: 8080 } })] }), /"web" publishes the host's port 8080, and it is not the proxy/],
    ["a service opens ports through the escape hatch", () => place({ services: [service("web", { ...basis, compose: { ports: ["8080:80"] } })] }), /through compose\.ports/],
    ["a service uses the host's network", () => place({ services: [service("web", { ...basis, compose: { network_mode: "host" } })] }), /network_mode: host/],
    ["the proxy publishes ports", () => place({})],
  ),
  ...controls(
    publishedAddress,
    ["an environment of this machine listens on every address", () => place({ publishing: { address: "0.0.0.0", http: 80, https: 443 } }), /listens on 0\.0\.0\.0/],
    ["it listens on the loopback address", () => place({ publishing: { address: "127.0.0.1", http: 80, https: 443 } })],
    [
      "a server listens on every address",
      () => place({ certificates: acme({ dns: "scaleway", email: "a@example.org", wildcard: true }), publishing: { address: "0.0.0.0", http: 80, https: 443 } }),
    ],
  ),
  ...controls(
    zoneCrossing,
    [
      "a service connects to a resource of another zone without a reason",
      () => place({ provides: [inContainer(database)], services: [service("web", { ...basis, connects: { database } })] }),
      /"web" in the zone application connects to postgres "app" in the zone data/,
    ],
    [
      "a service connects to a service of another zone without a reason",
      () => place({ services: [api, service("watch", { ...basis, zone: "operations", connects: { api: api.ports.http } })] }),
      /"watch" in the zone operations connects to api in the zone application/,
    ],
    ["there is a reason", () => place({ provides: [inContainer(database)], services: [service("web", { ...basis, connects: { database: to(database, { because: "keeps diaries" }) } })] })],
    ["both are in one zone", () => place({ services: [api, service("web", { ...basis, connects: { api: api.ports.http } })] })],
    ["the proxy leads a route into another zone", () => place({ services: [api], routes: [route(api.ports.http, { host: "@" })] })],
  ),
  ...controls(
    subnetOverlap,
    ["its range is part of Docker's own", () => place({ range: "172.20.0.0/16" }), /172\.20\.0\.0\/16 overlaps 172\.20\.0\.0\/14/],
    ["its range holds Docker's bridge", () => place({ range: "172.16.0.0/12" }), /overlaps 172\.17\.0\.0\/16/],
    ["its range is public", () => place({ range: "8.0.0.0/12" }), /is not private/],
    ["its range is private and free", () => place({ range: "10.128.0.0/12" })],
  ),
  ...controls(
    unusedPort,
    ["nothing refers to a port", () => place({ services: [service("web", { ...basis, ports: { http: 80 } })] }), /nothing refers to the port "http" of "web"/],
    ["the health check asks it", () => place({ services: [service("web", { ...basis, ports: { http: 80 }, health: http("http", "/") })] })],
    ["a route leads to it", () => place({ services: [api], routes: [route(api.ports.http, { host: "@" })] })],
    ["a setting tells the program", () => place({ services: [service("web", { ...basis, health: alive, ports: { http: 80 }, settings: { PORT: port("http") } })] })],
    ["a resource answers there", () => place({ provides: [inContainer(aDatabase("app"))] })],
  ),
  ...controls(
    unusedMiddleware,
    [
      "every route replaces it",
      () => place({ door: limitedDoor, services: [api], routes: [route(api.ports.http, { host: "@", middlewares: [middleware("limit", { rateLimit: { average: 9 } })] })] }),
      /replaces the edge's middleware "limit"/,
    ],
    ["a route keeps it", () => place({ door: limitedDoor, services: [api], routes: [route(api.ports.http, { host: "@" })] })],
    ["there are no routes yet", () => place({ door: limitedDoor })],
  ),
];
