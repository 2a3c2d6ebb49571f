/** A small environment of the model: the real edge, and one service behind it on the apex and on a subdomain. */
import { acme, environment, exec, override, replaceableImages, resolveEnvironment, route, service, stack } from "@jlam/compose-dsl";
import edge from "@jlam/edge/stack";
import { node } from "@jlam/platform";

export const domain = "jlam.test";

const program = 'require("node:http").createServer((_, response) => response.end("served")).listen(3000)';

const hello = service("hello", {
  owner: "platform",
  image: node,
  command: ["node", "-e", program],
  ports: { http: 3000 },
  health: exec(["node", "-e", 'fetch("http://127.0.0.1:3000").then(() => process.exit(0), () => process.exit(1))']),
  resources: { memory: "96M", cpus: 0.5 },
});

const helloStack = stack("hello", {
  services: [hello],
  routes: [route(hello.ports.http, { host: "@" }), route(hello.ports.http, { host: "www" })],
});

const traefik = { kind: "service", name: "traefik" } as const;

/**
 * Pebble's certificates hold 21 minutes. With a validity below a day Traefik renews in the last 20 minutes and looks
 * every minute (pkg/provider/acme, getCertificateRenewDurations), so a renewal comes 1 to 2 minutes after the start.
 */
export const acmeTest = resolveEnvironment(
  environment("acme-test", {
    domain,
    host: { memory: "1G", cpus: 2 },
    // Beside production (10.128), staging (10.144), local (10.160) and ci (10.176).
    range: "10.192.0.0/16",
    publishing: { address: "127.0.0.1", http: 11080, https: 11443 },
    stacks: [edge, helloStack],
    provides: [],
    certificates: acme({
      dns: { kind: "httpreq", endpoint: "http://records:8080", user: "traefik" },
      email: "acme@jlam.test",
      wildcard: true,
      directory: "https://pebble:14000/dir",
      ownAuthority: true,
      resolvers: ["challtestsrv:8053"],
      validity: "1h",
    }),
    images: replaceableImages,
    // Seconds that lego waits for the record (a minute by default) and between looks: here it is there at once or never.
    overrides: [override(traefik, { settings: { HTTPREQ_PROPAGATION_TIMEOUT: 6, HTTPREQ_POLLING_INTERVAL: 1 } })],
  }),
);
