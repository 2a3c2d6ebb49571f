/**
 * Traefik's static configuration (traefik.yml, 3.7.13 or newer), as far as one host with Docker
 * needs it: the providers of Kubernetes, Consul and other clusters and the exporters to Datadog,
 * StatsD and InfluxDB are left out. Names and defaults: `traefik --help` of 3.7.15; every key here
 * is loaded by that binary without a warning in traefik.integration.test.ts.
 */
import type { Spiffe } from "./dynamic.ts";
import type { ClientTls } from "./middleware-access.ts";
import type { EntryPoint } from "./static-entry-point.ts";
import type { AccessLog, Log, Metrics, Tracing } from "./static-observability.ts";
import type { ExactlyOne, TraefikDuration } from "./units.ts";

/** The whole file. */
export interface StaticConfiguration {
  readonly global?: Global;
  readonly entryPoints: Readonly<Record<string, EntryPoint>>;
  readonly providers: Providers;
  readonly certificatesResolvers?: Readonly<Record<string, CertificatesResolver>>;
  readonly log?: Log;
  readonly accessLog?: AccessLog;
  readonly metrics?: Metrics;
  readonly tracing?: Tracing;
  readonly ping?: Ping;
  readonly api?: Api;
  readonly serversTransport?: DefaultServersTransport;
  readonly core?: Core;
  readonly experimental?: Experimental;
  readonly hostResolver?: HostResolver;
  /** Asks for the revocation of Traefik's own certificates; an empty object takes every default. @since 3.5 */
  readonly ocsp?: { readonly responderOverrides?: Readonly<Record<string, string>> };
}

/** What Traefik tells others. */
export interface Global {
  /** Whether it asks for new versions. Default true. */
  readonly checkNewVersion?: boolean;
  /** Whether it sends statistics. Default false. */
  readonly sendAnonymousUsage?: boolean;
  /** Whether X-Forwarded-For is extended on no entry point. Default false. @since 3.7 */
  readonly notAppendXForwardedFor?: boolean;
}

/** Where the dynamic configuration comes from. */
export interface Providers {
  readonly docker?: DockerProvider;
  readonly file?: FileProvider;
  readonly http?: HttpProvider;
  /**
   * Least time between two changes that are applied. Default 2s; 50 to 100 ms where a switch by
   * rename must be quick.
   */
  readonly providersThrottleDuration?: TraefikDuration;
  /** Which provider's router wins at equal priority. @since 3.7 */
  readonly precedence?: readonly string[];
}

/** Labels of containers. */
export interface DockerProvider {
  /** Default unix:///var/run/docker.sock; a socket proxy is tcp://name:port. */
  readonly endpoint?: string;
  /** Whether containers without traefik.enable get routers. Traefik's default is true, so it must be said. */
  readonly exposedByDefault: boolean;
  /** Expression on labels that a container must match, such as Label(`a`, `b`). */
  readonly constraints?: string;
  /** Docker's own name of the network to reach containers by. */
  readonly network?: string;
  /** Rule of routers without one, as a Go template. Default Host(`{{ normalize .Name }}`). */
  readonly defaultRule?: string;
  /** Whether a service stays without a healthy container, answering 503. Default false: its routers vanish. */
  readonly allowEmptyServices?: boolean;
  /** Whether published ports are used instead of the network. Default false. */
  readonly useBindPortIP?: boolean;
  /** Whether events are followed. Default true. */
  readonly watch?: boolean;
  /** Default 0s: no limit. */
  readonly httpClientTimeout?: TraefikDuration;
  readonly tls?: ClientTls;
}

/** Files, exactly one file or one directory. */
export type FileProvider = ExactlyOne<{
  readonly directory: string;
  readonly filename: string;
}> & {
  /** Whether changes are followed. Default true. */
  readonly watch?: boolean;
  readonly debugLogGeneratedTemplate?: boolean;
};

/** An HTTP endpoint. */
export interface HttpProvider {
  readonly endpoint: string;
  /** Default 5s. */
  readonly pollInterval?: TraefikDuration;
  /** Default 5s. */
  readonly pollTimeout?: TraefikDuration;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: ClientTls;
}

/** How certificates are got. */
export interface CertificatesResolver {
  readonly acme: Acme;
}

/** ACME, by exactly one challenge. */
export type Acme = ExactlyOne<{
  /** DNS-01: the only one for wildcards. */
  readonly dnsChallenge: DnsChallenge;
  /** HTTP-01 on an entry point at port 80. */
  readonly httpChallenge: { readonly entryPoint: string; readonly delay?: TraefikDuration };
  /** TLS-ALPN-01 on port 443; an empty object takes every default. */
  readonly tlsChallenge: { readonly delay?: TraefikDuration };
}> & {
  readonly email?: string;
  /** File that keeps accounts and keys; 0600. Default acme.json. */
  readonly storage: string;
  /** Default Let's Encrypt's production. */
  readonly caServer?: string;
  /** Paths of authorities for the server's own certificate. */
  readonly caCertificates?: readonly string[];
  /** Whether the system's authorities hold beside them. Default false. */
  readonly caSystemCertPool?: boolean;
  /** Name that the server's certificate must have. */
  readonly caServerName?: string;
  /** Default RSA4096. */
  readonly keyType?: "EC256" | "EC384" | "RSA2048" | "RSA4096" | "RSA8192";
  /** Hours a certificate holds, from which the renewal follows. Default 2160. */
  readonly certificatesDuration?: number;
  readonly preferredChain?: string;
  /** @since 3.4 */
  readonly profile?: string;
  /** @since 3.4 */
  readonly emailAddresses?: readonly string[];
  /** @since 3.5 */
  readonly disableCommonName?: boolean;
  /** Default 120s. */
  readonly clientTimeout?: TraefikDuration;
  /** Default 30s. */
  readonly clientResponseHeaderTimeout?: TraefikDuration;
  /** Default 30s. */
  readonly certificateTimeout?: TraefikDuration;
};

/** DNS-01. */
export interface DnsChallenge {
  /** lego's name of the DNS provider, such as "scaleway"; its credentials come as environment, best `…_FILE`. */
  readonly provider: string;
  /** host:port of resolvers for finding the zone. Default: the system's. */
  readonly resolvers?: readonly string[];
  /** Waiting for the record. @since 3.3 */
  readonly propagation?: {
    /** Pause before the checks. Default 0s. */
    readonly delayBeforeChecks?: TraefikDuration;
    /** Whether nothing is checked. Default false. */
    readonly disableChecks?: boolean;
    /** Whether the zone's own servers aren't asked. Default false. */
    readonly disableANSChecks?: boolean;
    /** Whether every resolver must have it. Default false. */
    readonly requireAllRNS?: boolean;
  };
}

/** /ping, which `traefik healthcheck` asks; an empty object takes every default. */
export interface Ping {
  /** Default "traefik". */
  readonly entryPoint?: string;
  /** Whether only a router to ping@internal serves it. Default false. */
  readonly manualRouting?: boolean;
  /** Status while stopping. Default 503. */
  readonly terminatingStatusCode?: number;
}

/** The API and dashboard, by a router to api@internal; an empty object takes every default. */
export interface Api {
  /** Serves it on the entry point "traefik" without any authentication. Default false; for tests alone. */
  readonly insecure?: boolean;
  /** Default true. */
  readonly dashboard?: boolean;
  /** Default false. */
  readonly debug?: boolean;
  readonly disableDashboardAd?: boolean;
  /** Default "/". */
  readonly basePath?: `/${string}`;
  /** @since 3.4 */
  readonly dashboardName?: string;
}

/** How Traefik talks to servers that name no transport. */
export interface DefaultServersTransport {
  readonly insecureSkipVerify?: boolean;
  readonly rootCAs?: readonly string[];
  /** Default 200. */
  readonly maxIdleConnsPerHost?: number;
  readonly spiffe?: Spiffe;
  readonly forwardingTimeouts?: {
    /** Default 30s. */
    readonly dialTimeout?: TraefikDuration;
    /** Default 0s: no limit. */
    readonly responseHeaderTimeout?: TraefikDuration;
    /** Default 90s: a server must keep idle connections longer. */
    readonly idleConnTimeout?: TraefikDuration;
  };
}

/** Core behaviour. */
export interface Core {
  /**
   * Whether routers of one host with different TLS options are refused instead of falling back to
   * the default options. Default false. @since 3.7.12 (3.7.10 lacks it)
   */
  readonly strictTLSOptions?: boolean;
}

/** What isn't settled in Traefik. */
export interface Experimental {
  /** Whether Traefik stops when a plugin can't be loaded. Default false: all plugins are off then. */
  readonly abortOnPluginFailure?: boolean;
  readonly plugins?: Readonly<Record<string, { readonly moduleName: string; readonly version: string; readonly hash: string }>>;
  /** Plugins from ./plugins-local. */
  readonly localPlugins?: Readonly<Record<string, { readonly moduleName: string }>>;
  readonly fastProxy?: { readonly debug?: boolean };
  /** Logs by OTLP. */
  readonly otlplogs?: boolean;
}

/** CNAME flattening. */
export interface HostResolver {
  readonly cnameFlattening?: boolean;
  /** Default /etc/resolv.conf. */
  readonly resolvConfig?: string;
  /** Default 5. */
  readonly resolvDepth?: number;
}
