/** Only a declared port compiles, wherever one is named. Checked by tsc alone. */
import { expectTypeOf } from "vitest";
import { http, job, port, route, scrape, service, type Endpoint } from "../index.ts";
import { basis, jobBasis } from "../testing/platform.fixture.ts";

const web = service("web", {
  ...basis,
  ports: { http: 3000, metrics: 9464 },
  health: http("http", "/health"),
  metrics: scrape("metrics", "/metrics"),
  publishes: { http: 8080 },
  settings: { PORT: port("http") },
});

// A port is a value that knows its service and its name.
expectTypeOf(web.ports.http).toEqualTypeOf<Endpoint<"web", "http">>();
route(web.ports.http, { host: "@" });

// @ts-expect-error the health check asks a port that isn't declared
service("web", { ...basis, ports: { http: 3000 }, health: http("htp", "/health") });

// @ts-expect-error a service without ports has none to ask
service("web", { ...jobBasis, health: http("http", "/health") });

// @ts-expect-error metrics are read from a port that isn't declared
service("web", { ...basis, ports: { http: 3000 }, metrics: scrape("metrics", "/metrics") });

// @ts-expect-error a port that isn't declared can't be published
service("web", { ...basis, ports: { http: 3000 }, publishes: { https: 443 } });

// @ts-expect-error the program can't be told a port that isn't declared
service("web", { ...basis, ports: { http: 3000 }, settings: { PORT: port("grpc") } });

// @ts-expect-error a route can't lead to a port that isn't declared
route(web.ports.grpc, { host: "@" });

// @ts-expect-error a job answers nobody, so it has no ports
job("migrate", { ...jobBasis, ports: { http: 3000 } });

// @ts-expect-error nor can one without any ports
service("web", { ...basis, settings: { PORT: port("grpc") } });

// @ts-expect-error metrics need a port
service("web", { ...basis, metrics: scrape("metrics", "/metrics") });
