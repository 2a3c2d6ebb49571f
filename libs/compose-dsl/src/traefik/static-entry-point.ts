/** Entry points of Traefik's static configuration. */
import type { EncodedCharacters } from "./middleware.ts";
import type { RouterObservability, RouterTls } from "./dynamic.ts";
import type { Bytes, TraefikDuration } from "./units.ts";

/** What happens to a header whose name stands for another one. */
export type HeaderStrategy = "keep" | "delete" | "reject";

/** An address that Traefik listens on. */
export interface EntryPoint {
  /** Such as ":443" or "127.0.0.1:8080", with "/udp" for UDP. */
  readonly address: string;
  /** Whether routers that name no entry point listen here. Default false; if none has it, all do. */
  readonly asDefault?: boolean;
  /** Whether routers may answer ACME challenges themselves. Default false. @since 3.2 */
  readonly allowACMEByPass?: boolean;
  /** Whether another process may listen on the same port. Default false. */
  readonly reusePort?: boolean;
  readonly http?: EntryPointHttp;
  readonly http2?: EntryPointHttp2;
  /** HTTP/3; an empty object takes every default. Publish the port for UDP too. */
  readonly http3?: { /** Default: the address's port. */ readonly advertisedPort?: number };
  readonly transport?: EntryPointTransport;
  readonly forwardedHeaders?: ForwardedHeaders;
  /** Reads the client's address from the PROXY protocol. */
  readonly proxyProtocol?: { readonly trustedIPs: readonly string[] };
  /** Defaults of its routers. */
  readonly observability?: RouterObservability;
  readonly udp?: { /** Silence that ends a session. Default 3s. */ readonly timeout?: TraefikDuration };
}

/** HTTP of an entry point. */
export interface EntryPointHttp {
  /** Middlewares that come before those of every router. */
  readonly middlewares?: readonly string[];
  /** TLS of every router; an empty object takes every default. */
  readonly tls?: RouterTls;
  /** Sends everything to another entry point. */
  readonly redirections?: {
    readonly entryPoint: {
      /** Its name, or ":port". */
      readonly to: string;
      /** Default "https". */
      readonly scheme?: "http" | "https";
      /** Default true. */
      readonly permanent?: boolean;
      /** Priority of the router that is made. Default: higher than every other. */
      readonly priority?: number;
    };
  };
  /**
   * What happens to request headers whose name a back end may take for another one (X_Auth_User or
   * X.Auth.User for X-Auth-User). Unset they are passed on and 3.7.15 warns at start, so it must be
   * said. Takes the place of underscoreHeadersStrategy, which knew only underscores and may not have
   * another value beside it. @since 3.7.12 (3.7.10 lacks it)
   */
  readonly aliasHeadersStrategy: HeaderStrategy;
  /**
   * Encoded characters that may stand in a path. Default: every one (3.6.7 and newer), with a
   * warning at start where no entry point says anything (3.7.15).
   */
  readonly encodedCharacters?: EncodedCharacters;
  /** Whether `;` in a query is encoded. Default false. */
  readonly encodeQuerySemicolons?: boolean;
  /** Whether `//`, `/./` and `/../` are resolved before routing. Default true. @since 3.3.6 */
  readonly sanitizePath?: boolean;
  /** Largest headers of a request. Default 1048576. */
  readonly maxHeaderBytes?: Bytes;
}

/** HTTP/2 of an entry point. */
export interface EntryPointHttp2 {
  /** Requests at once on a connection. Default 250. */
  readonly maxConcurrentStreams?: number;
  /** Default 4096. @since 3.7 */
  readonly maxDecoderHeaderTableSize?: Bytes;
  /** Default 4096. @since 3.7 */
  readonly maxEncoderHeaderTableSize?: Bytes;
}

/** Connections of an entry point. */
export interface EntryPointTransport {
  readonly respondingTimeouts?: {
    /** For reading a whole request. Default 60s; 0s: no limit. */
    readonly readTimeout?: TraefikDuration;
    /** For writing an answer. Default 0s: no limit. */
    readonly writeTimeout?: TraefikDuration;
    /** How long an idle connection is kept. Default 180s. */
    readonly idleTimeout?: TraefikDuration;
  };
  readonly lifeCycle?: {
    /** How long requests are still accepted after the signal to stop. Default 0s. */
    readonly requestAcceptGraceTimeout?: TraefikDuration;
    /** How long running requests may take after that. Default 10s. */
    readonly graceTimeOut?: TraefikDuration;
  };
  /** Requests after which a connection is closed. Default 0: no limit. */
  readonly keepAliveMaxRequests?: number;
  /** Time after which a connection is closed. Default 0s: no limit. */
  readonly keepAliveMaxTime?: TraefikDuration;
}

/** Whose X-Forwarded headers are believed. Traefik's `insecure`, which believes everyone, can't be said. */
export interface ForwardedHeaders {
  /** Proxies in front. Default: none. */
  readonly trustedIPs?: readonly string[];
  /** Connection headers that may pass. */
  readonly connection?: readonly string[];
  /** Whether X-Forwarded-For isn't extended. Default false. @since 3.7 */
  readonly notAppendXForwardedFor?: boolean;
}
