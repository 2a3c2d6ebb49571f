/** TCP of Traefik's dynamic configuration. */
import type { HealthPropagation, RouterTls, Spiffe, WeightedPart } from "./dynamic.ts";
import type { TlsClientCertificate } from "./tls.ts";
import type { ExactlyOne, TraefikDuration } from "./units.ts";

/** What is done with TCP connections; everything by its name. */
export interface TcpConfiguration {
  readonly routers?: Readonly<Record<string, TcpRouter>>;
  readonly services?: Readonly<Record<string, TcpService>>;
  readonly middlewares?: Readonly<Record<string, TcpMiddleware>>;
  readonly serversTransports?: Readonly<Record<string, TcpServersTransport>>;
}

/** Which connections go where. */
export interface TcpRouter {
  readonly entryPoints?: readonly string[];
  /** HostSNI(`name`), ClientIP(`network`), ALPN(`protocol`); without TLS only HostSNI(`*`). */
  readonly rule: string;
  readonly middlewares?: readonly string[];
  readonly service: string;
  /** Higher is looked at first. Default: the rule's length. */
  readonly priority?: number;
  readonly tls?: RouterTls & {
    /** Whether the server itself ends TLS. Default false. */
    readonly passthrough?: boolean;
  };
}

/** Where connections go: exactly one kind. */
export type TcpService = ExactlyOne<{
  readonly loadBalancer: TcpLoadBalancer;
  /** File provider only. */
  readonly weighted: { readonly services: readonly WeightedPart[]; readonly healthCheck?: HealthPropagation };
}>;

/** Servers that share the connections. */
export interface TcpLoadBalancer {
  readonly servers: readonly {
    /** host:port */
    readonly address: string;
    /** Whether TLS is spoken to the server. Default false. */
    readonly tls?: boolean;
  }[];
  readonly serversTransport?: string;
  /** @since 3.6 */
  readonly healthCheck?: TcpHealthCheck;
}

/** Asks each server whether it is well. */
export interface TcpHealthCheck {
  /** Default: the server's own. */
  readonly port?: number;
  /** What is sent. Default: nothing. */
  readonly send?: string;
  /** What must come back. Default: nothing. */
  readonly expect?: string;
  /** Default 30s. */
  readonly interval?: TraefikDuration;
  /** Interval while unhealthy. Default: interval. */
  readonly unhealthyInterval?: TraefikDuration;
  /** Default 5s. */
  readonly timeout?: TraefikDuration;
}

/** A middleware for connections, of exactly one kind. */
export type TcpMiddleware = ExactlyOne<{
  /** Most connections of one address at once. */
  readonly inFlightConn: { readonly amount: number };
  /** Addresses and networks that may connect. */
  readonly ipAllowList: { readonly sourceRange: readonly string[] };
}>;

/** How Traefik talks to servers. */
export interface TcpServersTransport {
  /** Default 30s. */
  readonly dialTimeout?: TraefikDuration;
  /** Pause between keep-alive probes. Default 15s. */
  readonly dialKeepAlive?: TraefikDuration;
  /** How long one side may go on sending after the other has finished. Default 100ms. */
  readonly terminationDelay?: TraefikDuration;
  /** Tells the server the client's address by PROXY protocol. Default: not. */
  readonly proxyProtocol?: { /** Default 2. */ readonly version?: 1 | 2 };
  readonly tls?: {
    readonly serverName?: string;
    /** Default false; never true in production. */
    readonly insecureSkipVerify?: boolean;
    readonly rootCAs?: readonly string[];
    readonly certificates?: readonly TlsClientCertificate[];
    readonly peerCertURI?: string;
    readonly spiffe?: Spiffe;
  };
}
