/**
 * Traefik's dynamic configuration (3.7.13 or newer) as the file provider reads it. Key names and
 * defaults: Traefik's own configuration structs at v3.7.9; every key of it is loaded by 3.7.15 in
 * traefik.integration.test.ts. Keys that Traefik 3 no longer reads are not here: see removed.ts.
 */
import type { Middleware } from "./middleware.ts";
import type { TcpConfiguration } from "./tcp.ts";
import type { TlsConfiguration, TlsDomain, TlsClientCertificate, TlsVersion } from "./tls.ts";
import type { Bytes, ExactlyOne, Seconds, StatusRange, TraefikDuration } from "./units.ts";

/** A file of dynamic configuration. */
export interface DynamicConfiguration {
  readonly http?: HttpConfiguration;
  readonly tcp?: TcpConfiguration;
  readonly tls?: TlsConfiguration;
}

/** What is done with HTTP requests; everything by its name. */
export interface HttpConfiguration {
  readonly routers?: Readonly<Record<string, Router>>;
  readonly services?: Readonly<Record<string, Service>>;
  readonly middlewares?: Readonly<Record<string, Middleware>>;
  /** How Traefik talks to servers; labels can't hold these. */
  readonly serversTransports?: Readonly<Record<string, ServersTransport>>;
}

/** Which requests go where. */
export interface Router {
  /** Entry points that it listens on. Default: those with asDefault, or all. */
  readonly entryPoints?: readonly string[];
  /** Which requests, in the v3 syntax: write it with rule.ts. */
  readonly rule: string;
  /** Middlewares in the order in which a request passes them; `name@file` for one of the file provider. */
  readonly middlewares?: readonly string[];
  /** The service that answers; `name@file` for one of the file provider. */
  readonly service: string;
  /** Higher is looked at first. Default: the rule's length. */
  readonly priority?: number;
  /** TLS; an empty object ends TLS with every default. Without it only plain HTTP is served. */
  readonly tls?: RouterTls;
  /** What is logged, counted and traced. Default: what the entry point says. @since 3.3 */
  readonly observability?: RouterObservability;
  /** Routers that come before this one; file provider only. @since 3.6 */
  readonly parentRefs?: readonly string[];
}

/** TLS of a router. */
export interface RouterTls {
  /** Name of TLS options; `name@file`, because labels can't hold them. Default "default". */
  readonly options?: string;
  /** Resolver that gets the certificate. Default: certificates of the stores. */
  readonly certResolver?: string;
  /** Names to get a certificate for. Default: the rule's hosts. */
  readonly domains?: readonly TlsDomain[];
}

/** What a router logs, counts and traces. */
export interface RouterObservability {
  readonly accessLogs?: boolean;
  readonly metrics?: boolean;
  readonly tracing?: boolean;
  /** Default "minimal". @since 3.5 */
  readonly traceVerbosity?: "minimal" | "detailed";
}

/** Where requests go: exactly one kind, and middlewares before it. */
export type Service = ExactlyOne<ServiceKinds> & {
  /** Middlewares that every request to the service passes. @since 3.7 */
  readonly middlewares?: readonly string[];
};

/** The kinds of service. All but loadBalancer are for the file provider only. */
export interface ServiceKinds {
  /** Servers that share the requests. */
  readonly loadBalancer: ServersLoadBalancer;
  /** Services that share the requests by weight. */
  readonly weighted: Weighted;
  /** Services that share the requests by the client's address, the same client always to the same. @since 3.6 */
  readonly highestRandomWeight: HighestRandomWeight;
  /** A service, and others that get copies of its requests. */
  readonly mirroring: Mirroring;
  /** A service, and another one when it is down. */
  readonly failover: Failover;
}

/** Servers that share the requests. */
export interface ServersLoadBalancer extends LoadBalancing {
  readonly servers: readonly Server[];
}

/** How servers share requests. */
export interface LoadBalancing {
  /** Round robin by weight, two random choices, highest random weight, or the fastest. Default "wrr". @since 3.4 */
  readonly strategy?: "wrr" | "p2c" | "hrw" | "leasttime";
  /** Keeps a client at its server by a cookie. */
  readonly sticky?: Sticky;
  /** Asks each server whether it is well. */
  readonly healthCheck?: ServerHealthCheck;
  /** Watches the answers instead of asking. @since 3.6 */
  readonly passiveHealthCheck?: PassiveHealthCheck;
  /** Whether the server gets the client's Host. Default true. */
  readonly passHostHeader?: boolean;
  readonly responseForwarding?: {
    /** Pause between flushes to the client. Default 100ms. */
    readonly flushInterval?: TraefikDuration;
  };
  /** Name of a serversTransport; `name@file` from labels. */
  readonly serversTransport?: string;
}

/** A server. */
export interface Server {
  /** Such as http://web:3000; h2c:// for HTTP/2 without TLS. */
  readonly url: `${"http" | "https" | "h2c"}://${string}`;
  /** Default 1. */
  readonly weight?: number;
  /** Whether the URL's own path is put before the request's. Default false. @since 3.2 */
  readonly preservePath?: boolean;
}

/** Keeps a client at its server by a cookie. */
export interface Sticky {
  /** The cookie; an empty object takes every default. */
  readonly cookie: {
    /** Default: made from the service's name. */
    readonly name?: string;
    /** Default false. */
    readonly secure?: boolean;
    /** Default false. */
    readonly httpOnly?: boolean;
    /** Default: not said. */
    readonly sameSite?: "none" | "lax" | "strict";
    /** 0 is a session cookie, negative expires at once. Default 0. */
    readonly maxAge?: Seconds;
    /** Default "/". */
    readonly path?: `/${string}`;
    /** Default: the host. */
    readonly domain?: string;
  };
}

/** Asks each server whether it is well. */
export interface ServerHealthCheck {
  /** Relative path; an absolute URL is refused from 3.6.8. */
  readonly path?: `/${string}`;
  /** Default: the server's own. */
  readonly scheme?: "http" | "https";
  /** Default "http". */
  readonly mode?: "http" | "grpc";
  /** Default GET. */
  readonly method?: string;
  /** The status of a healthy server. Default: 2xx and 3xx. */
  readonly status?: number;
  /** Default: the server's own. */
  readonly port?: number;
  /** Default 30s. */
  readonly interval?: TraefikDuration;
  /** Interval while unhealthy. Default: interval. @since 3.4 */
  readonly unhealthyInterval?: TraefikDuration;
  /** Default 5s. */
  readonly timeout?: TraefikDuration;
  /** Host header. Default: the server's. */
  readonly hostname?: string;
  /** Default true. */
  readonly followRedirects?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Watches the answers: a server that failed too often is left out for a while. */
export interface PassiveHealthCheck {
  /** In which the failures must come, and for which the server is left out. Default 10s. */
  readonly failureWindow?: TraefikDuration;
  /** Default 1. */
  readonly maxFailedAttempts?: number;
}

/** Whether a service of services looks at the health of its parts: present or not, it has no options. */
export type HealthPropagation = Readonly<Record<string, never>>;

/** A part of a weighted service. */
export interface WeightedPart {
  readonly name: string;
  /** 0 gets no requests. Default 1. */
  readonly weight?: number;
}

/** Services that share the requests by weight. */
export interface Weighted {
  readonly services: readonly WeightedPart[];
  readonly sticky?: Sticky;
  readonly healthCheck?: HealthPropagation;
}

/** Services that share the requests by the client's address. */
export interface HighestRandomWeight {
  readonly services: readonly WeightedPart[];
  readonly healthCheck?: HealthPropagation;
}

/** A service, and others that get copies of its requests; their answers are thrown away. */
export interface Mirroring {
  readonly service: string;
  readonly mirrors: readonly { readonly name: string; /** 0 to 100. Default 0. */ readonly percent?: number }[];
  /** Whether copies have the body. Default true. @since 3.3 */
  readonly mirrorBody?: boolean;
  /** Largest body that is copied. Default -1: no limit. */
  readonly maxBodySize?: Bytes;
  readonly healthCheck?: HealthPropagation;
}

/** A service, and another one when it is down. */
export interface Failover {
  readonly service: string;
  readonly fallback: string;
  /** Needed for the switch by health. */
  readonly healthCheck?: HealthPropagation;
  /** Also switches for single requests by their answer. @since 3.7 */
  readonly errors?: {
    /** Largest body that is kept for the second try. Default -1: no limit. */
    readonly maxRequestBodyBytes?: Bytes;
    readonly status: readonly StatusRange[];
  };
}

/** How Traefik talks to servers. */
export interface ServersTransport {
  /** Name that the server's certificate must have. */
  readonly serverName?: string;
  /** Whether any certificate is taken. Default false; never true in production. */
  readonly insecureSkipVerify?: boolean;
  /** Paths of certificate authorities' files. Default: the system's. */
  readonly rootCAs?: readonly string[];
  /** Client certificates. */
  readonly certificates?: readonly TlsClientCertificate[];
  readonly cipherSuites?: readonly string[];
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  /** Idle connections kept for each server. Default 0: Go's own 2; negative: none. */
  readonly maxIdleConnsPerHost?: number;
  readonly disableHTTP2?: boolean;
  /** URI that the server's certificate must have. */
  readonly peerCertURI?: string;
  readonly spiffe?: Spiffe;
  readonly forwardingTimeouts?: {
    /** Until a connection stands. Default 30s; 0s: no limit. */
    readonly dialTimeout?: TraefikDuration;
    /** From the request's end to the answer's headers. Default 0s: no limit. */
    readonly responseHeaderTimeout?: TraefikDuration;
    /** How long an idle connection is kept. Default 90s. */
    readonly idleConnTimeout?: TraefikDuration;
    /** Silence after which an HTTP/2 connection is pinged. Default 0s: never. */
    readonly readIdleTimeout?: TraefikDuration;
    /** How long the ping may take. Default 15s. */
    readonly pingTimeout?: TraefikDuration;
  };
}

/** SPIFFE identities that a server may have. */
export interface Spiffe {
  readonly ids?: readonly string[];
  readonly trustDomain?: string;
}
