/** Traefik's own dashboard, where an environment switches it on: a port that only Traefik itself reaches, and a walled route to it. */
import { forwardAuth, type DynamicConfiguration, type StaticConfiguration } from "@jlam/compose-dsl";

/** On the container's loopback, so that nothing but the walled route leads there, not even a service on a network of Traefik's. */
export const dashboardPort = 8081;

/** Name of the entry point. */
const entryPoint = "dashboard";

/** The dashboard shows every route, address and middleware of the platform. */
export const dashboardSignIn = forwardAuth({ groups: ["administrators"] });

/** Adds the dashboard to a static configuration. Not "insecure": that would open it on a port without any wall. */
export const withDashboard = (configuration: StaticConfiguration): StaticConfiguration => ({
  ...configuration,
  api: { dashboard: true, insecure: false },
  entryPoints: { ...configuration.entryPoints, [entryPoint]: { address: `127.0.0.1:${dashboardPort}`, http: { aliasHeadersStrategy: "delete" } } },
});

/** What answers on the port: the routers of other files name their entry points, so this is the only one there. */
export const dashboardConfiguration: DynamicConfiguration = {
  http: { routers: { dashboard: { entryPoints: [entryPoint], rule: "PathPrefix(`/`)", service: "api@internal" } } },
};
