import { alone, directory, exec, hostPath, image, route, scrape, service, stack, to, yaml, type ForwardAuthSignIn } from "@jlam/compose-dsl";
import { certificateJobs, certificateMounts, certificateSecrets, certificateSettings, tlsConfiguration, traefikUser } from "./certificates.ts";
import { dashboardConfiguration, dashboardPort, dashboardSignIn, withDashboard } from "./dashboard.ts";
import { letsMachinesIn, machinePassword, machineSecrets } from "./machines.ts";
import { everyRoute } from "./middlewares.ts";
import { containerPorts, dynamicDirectory, forHost, staticConfiguration } from "./traefik.ts";

const dockerPort = 2375;

/** Answers Traefik's few questions about containers, and nothing else: the Docker socket is root on the host. */
export const socketProxy = service("docker-socket-proxy", {
  owner: "platform",
  zone: "operations",
  image: image("socket-proxy", "docker.io/wollomatic/socket-proxy:1.13.1"),
  user: "0:0",
  command: [
    "-listenip=0.0.0.0",
    `-proxyport=${dockerPort}`,
    "-allowfrom=0.0.0.0/0",
    "-allowhealthcheck",
    "-allowHEAD=/_ping",
    // In one group: the proxy puts ^ and $ around the whole, which would bind the outer alternatives at one end only.
    "-allowGET=/(_ping|v1\\.[0-9]+/(version|events|containers/json|containers/[0-9a-f]+/json))",
    "-watchdoginterval=60",
    "-stoponwatchdog",
  ],
  ports: { docker: dockerPort },
  health: exec(["/healthcheck"], { interval: "30s" }),
  mounts: { "/var/run/docker.sock": hostPath("/var/run/docker.sock", { because: "the only way to ask Docker which containers run" }) },
  exceptions: {
    "non-root": "the socket belongs to root and a group whose number differs between hosts",
    "no-host-path": "the Docker socket is what it guards",
  },
  resources: { memory: "32M", cpus: 0.25, pids: 32 },
});

/** The stack; who signs in to the dashboard decides whether there is one, so none can be open. */
const edge = <A extends ForwardAuthSignIn | undefined>(signIn: A) => stack("edge", (environment) => {
  const jobs = certificateJobs(environment.certificates);
  const hasDashboard = signIn !== undefined;
  const withMachines = letsMachinesIn(environment);
  const configuration = staticConfiguration(environment);
  const traefik = service("traefik", {
    owner: "platform",
    zone: "public",
    image: image("traefik", "docker.io/library/traefik:v3.7.15"),
    user: traefikUser,
    ports: { ...containerPorts, ...(hasDashboard && { dashboard: dashboardPort }) },
    publishes: { http: environment.publishing.http, https: environment.publishing.https },
    health: exec(["traefik", "healthcheck"], { interval: "10s" }),
    connects: {
      docker: to(socketProxy.ports.docker, { because: "learns which containers it may send requests to" }),
      ...(environment.traces && { traces: to(environment.traces, { because: "hands on how long each request took, and where", wait: false }) }),
    },
    startsAfter: jobs.map(({ completed }) => completed),
    secrets: { ...certificateSecrets(environment.certificates), ...machineSecrets(environment) },
    settings: certificateSettings(environment.certificates),
    mounts: {
      "/etc/traefik/traefik.yml": yaml(hasDashboard ? withDashboard(configuration) : configuration),
      [dynamicDirectory]: directory({
        "tls.yaml": yaml(tlsConfiguration(environment.certificates)),
        ...(withMachines && { "machines-password.yaml": yaml(machinePassword) }),
        ...(hasDashboard && { "dashboard.yaml": yaml(dashboardConfiguration) }),
      }),
      ...certificateMounts(environment.certificates),
    },
    signIn,
    metrics: scrape("metrics", "/metrics"),
    objectives: { availability: 0.999 },
    reachesOutside: "publishes the platform's ports, and asks the certificate authority",
    resources: { memory: "256M", cpus: 1, pids: 256 },
    upgrades: alone("Traefik"),
    stopGrace: "30s",
  });
  return {
    services: [socketProxy, ...jobs, traefik],
    routes: hasDashboard ? [route(traefik.ports.dashboard, { host: "traefik" })] : [],
    proxy: { service: traefik, entryPoint: "websecure", directory: dynamicDirectory, everyRoute, ...(environment.released && { forHost }) },
  };
});

/**
 * The one door: TLS, redirects, security headers, rate limits, and the routes of every other stack. With `dashboard`
 * administrators see Traefik's own dashboard on the host `traefik`, and the environment must provide an identity.
 */
export function edgeStack(options?: { readonly dashboard?: false }): ReturnType<typeof edge<undefined>>;
export function edgeStack(options: { readonly dashboard: true }): ReturnType<typeof edge<ForwardAuthSignIn>>;
export function edgeStack({ dashboard = false }: { readonly dashboard?: boolean } = {}) {
  return dashboard ? edge(dashboardSignIn) : edge(undefined);
}

/** The one door, without the dashboard. */
export default edgeStack();
