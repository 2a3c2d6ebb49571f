/** Keys that Traefik 3 no longer reads don't compile. Checked by tsc alone. */
import { middleware, route, service } from "../index.ts";
import { basis } from "../testing/platform.fixture.ts";

const web = service("web", { ...basis, ports: { http: 80 } });
middleware("office", { ipAllowList: { sourceRange: ["10.0.0.0/8"] } });
route(web.ports.http, { host: "@", methods: ["GET", "HEAD"] });

// @ts-expect-error renamed to ipAllowList in Traefik 3.0
middleware("office", { ipWhiteList: { sourceRange: ["10.0.0.0/8"] } });

// @ts-expect-error a redirect is a middleware of its own since Traefik 3.0
middleware("secure", { headers: { sslRedirect: true } });

// @ts-expect-error featurePolicy became permissionsPolicy
middleware("secure", { headers: { featurePolicy: "camera 'none'" } });

// @ts-expect-error the path always keeps its slash since Traefik 3.0
middleware("strip", { stripPrefix: { prefixes: ["/api"], forceSlash: true } });

// @ts-expect-error a middleware does one thing
middleware("both", { compress: {}, rateLimit: { average: 1 } });

// @ts-expect-error a duration has a unit
middleware("limit", { rateLimit: { average: 1, period: "one second" } });

// @ts-expect-error a method that HTTP doesn't have
route(web.ports.http, { host: "@", methods: ["GTE"] });

// @ts-expect-error a route without a method takes nothing
route(web.ports.http, { host: "@", methods: [] });
