/** A path begins with a slash. Checked by tsc alone. */
import { hostPath, http, oidc, route, scrape, service, text, url } from "../index.ts";
import { basis } from "../testing/platform.fixture.ts";

const web = service("web", { ...basis, ports: { http: 80 }, mounts: { "/etc/web": text("") }, tmpfs: { "/cache": "1M" } });
http("http", "/health");
url("@", "/start");
url("@");

// @ts-expect-error a health check without a slash
http("http", "health");

// @ts-expect-error metrics without a slash
scrape("http", "metrics");

// @ts-expect-error a route without a slash
route(web.ports.http, { host: "@", path: "api" });

// @ts-expect-error an address without a slash
url("@", "start");

// @ts-expect-error a callback without a slash
oidc({ callback: "callback", groups: ["members"] });

// @ts-expect-error a mount without a slash
service("web", { ...basis, mounts: { "etc/web": text("") } });

// @ts-expect-error memory without a slash
service("web", { ...basis, tmpfs: { cache: "1M" } });

// @ts-expect-error a path of the host without a slash
hostPath("etc", { because: "a test" });
