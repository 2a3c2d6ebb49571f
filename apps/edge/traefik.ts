import { duration, identityHeaders, type Endpoint, type StaticConfiguration, type Surroundings } from "@jlam/compose-dsl";
import { certificatesResolver } from "./certificates.ts";

/** Ports inside the container: above 1024, so that Traefik needs neither root nor a capability. */
export const containerPorts = { http: 8080, https: 8443, metrics: 8084 } as const;

/** Inside the container only: the health check asks it, nothing else may. */
const pingPort = 8082;

/** Entry point on which the host alone is answered, while it releases; nothing publishes it. */
export const forHost = { entryPoint: "release", port: 8085 } as const;

export const dynamicDirectory = "/etc/traefik/dynamic";

/** Seconds in the histogram of answers; 2 is the limit beyond which an answer is called slow (apps/monitoring). */
const latencyBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];

/** With what services promised among them: a time that is no bound can't be measured, and its alerts would never fire. */
function bucketsFor({ services }: Surroundings): readonly number[] {
  const promised = services.flatMap(({ objectives }) => (objectives?.latency === undefined ? [] : [duration(objectives.latency.p95).ms / 1000]));
  return [...new Set([...latencyBuckets, ...promised])].sort((a, b) => a - b);
}

/** Headers with underscores or dots can pass for others (X_Auth_User for X-Auth-User) in programs that fold them. */
const strict = {
  aliasHeadersStrategy: "delete",
  maxHeaderBytes: 65_536,
  // Encoded delimiters mean one thing to the proxy and another to what is behind it: a way around path rules.
  encodedCharacters: {
    allowEncodedSlash: false,
    allowEncodedBackSlash: false,
    allowEncodedNullCharacter: false,
    allowEncodedSemicolon: false,
    allowEncodedPercent: false,
    allowEncodedQuestionMark: false,
    allowEncodedHash: false,
  },
} as const;

/** Headers whose coming is logged, and not what they say. Traefik refuses a table that is empty. */
const redacted = (headers: readonly string[]) => (headers.length === 0 ? {} : { names: Object.fromEntries(headers.map((name) => [name, "redact"] as const)) });

/**
 * Every request begins a trace, or goes on with the client's, and what is behind learns its id (`traceparent`). All of
 * them: the platform's visitors are few, and the Collector keeps of a trace what it lets through by name.
 */
const tracing = ({ service, number }: Endpoint): NonNullable<StaticConfiguration["tracing"]> => ({ otlp: { http: { endpoint: `http://${service}:${number}/v1/traces` } } });

/** What Traefik reads once, at its start. */
export function staticConfiguration(environment: Surroundings): StaticConfiguration {
  const { certificates, publishing } = environment;
  return {
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    entryPoints: {
      web: {
        address: `:${containerPorts.http}`,
        http: { ...strict, redirections: { entryPoint: { to: `:${publishing.https}`, scheme: "https", permanent: true } } },
      },
      websecure: {
        // Minimal traces, which are Traefik's default, don't say which router and service answered.
        ...(environment.traces && { observability: { traceVerbosity: "detailed" } }),
        address: `:${containerPorts.https}`,
        http: {
          ...strict,
          tls: certificates.kind === "acme" ? { certResolver: "acme" } : {},
        },
        transport: {
          lifeCycle: { requestAcceptGraceTimeout: "0s", graceTimeOut: "20s" },
          respondingTimeouts: { readTimeout: "60s", idleTimeout: "180s" },
        },
      },
      ping: { address: `127.0.0.1:${pingPort}`, http: { aliasHeadersStrategy: "delete" } },
      metrics: { address: `:${containerPorts.metrics}`, http: { aliasHeadersStrategy: "delete" } },
      ...(environment.released && { [forHost.entryPoint]: { address: `:${forHost.port}`, http: strict } }),
    },
    // No router leads to it but the one for the host, in the watched directory.
    ...(environment.released && { api: { dashboard: false, insecure: false } }),
    providers: {
      // Releases switch by renaming a file; at the default of 2 s each switch would wait that long.
      providersThrottleDuration: "50ms",
      file: { directory: dynamicDirectory, watch: true },
      docker: {
        endpoint: "tcp://docker-socket-proxy:2375",
        exposedByDefault: false,
        // A service that is down answers 503; without this its router vanishes and visitors read 404.
        allowEmptyServices: true,
        constraints: `Label(\`nl.jlam.environment\`, \`${environment.environment}\`)`,
      },
    },
    ...(certificates.kind === "acme" && { certificatesResolvers: certificatesResolver(certificates) }),
    ping: { entryPoint: "ping" },
    metrics: { prometheus: { entryPoint: "metrics", buckets: bucketsFor(environment), addRoutersLabels: false } },
    ...(environment.traces && { tracing: tracing(environment.traces) }),
    log: { level: "INFO", format: "json" },
    accessLog: {
      format: "json",
      fields: {
        // Names, not addresses: query strings hold sign-in codes, client addresses are personal data.
        names: { ClientAddr: "drop", ClientHost: "drop", ClientPort: "drop", ClientUsername: "drop", RequestPath: "drop", RequestLine: "drop" },
        // Of a header that only the sign-in wall may set is kept that it came, not what it said (apps/monitoring counts them).
        headers: { defaultMode: "drop", ...redacted(identityHeaders(environment.providers)) },
        queryParameters: { defaultMode: "drop" },
      },
    },
  };
}
