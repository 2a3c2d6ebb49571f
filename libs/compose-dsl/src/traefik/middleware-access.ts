/** Traefik's middlewares that decide who may call, and how often. */
import type { Bytes, ExactlyOne, TraefikDuration } from "./units.ts";

/** What basic and digest authentication share. */
interface PasswordAuth {
  /** Path of a file with one user a line, as htpasswd or htdigest writes it. */
  readonly usersFile?: string;
  /** Users, as htpasswd or htdigest writes them. With neither this nor usersFile the router isn't mounted (3.7.3). */
  readonly users?: readonly string[];
  /** Name of the area that the browser shows. Default "traefik". */
  readonly realm?: string;
  /** Whether the service doesn't get the Authorization header. Default false. */
  readonly removeHeader?: boolean;
  /** Header in which the service gets the user's name. Default: none. */
  readonly headerField?: string;
}

/** Asks for a name and a password. */
export type BasicAuth = PasswordAuth;

/** Asks for a name and a password by digest. */
export type DigestAuth = PasswordAuth;

/** Certificates for connections of Traefik's own. */
export interface ClientTls {
  /** Path of the certificate authorities' file. Default: the system's. */
  readonly ca?: string;
  /** Path of the client certificate. */
  readonly cert?: string;
  /** Path of its key. */
  readonly key?: string;
  /** Whether any certificate is taken. Default false; never true in production. */
  readonly insecureSkipVerify?: boolean;
}

/** Lets another service decide on each request: it answers 2xx to let it pass. */
export interface ForwardAuth {
  /** URL of the deciding service, by its internal name. */
  readonly address: string;
  /**
   * Whether the request's X-Forwarded headers are passed on. Always said, because leaving it out
   * keeps an unsafe behaviour (CVE-2026-35051) and is warned of since 3.6.14. `true` goes with
   * `forwardedHeaders.trustedIPs` on the entry point, empty where nothing stands in front.
   */
  readonly trustForwardHeader: boolean;
  /**
   * Headers of the answer that the service gets. Only the listed ones are taken off the client's
   * request, so list every header that the service trusts.
   */
  readonly authResponseHeaders?: readonly string[];
  /** The same by Go regular expression on the header's name. */
  readonly authResponseHeadersRegex?: string;
  /** The only headers that the deciding service gets. Default: all. */
  readonly authRequestHeaders?: readonly string[];
  /** Largest answer; a larger one becomes 401. Default: no limit, with a warning. @since 3.6.9 */
  readonly maxResponseBodySize?: Bytes;
  /** Cookies of the answer that the client gets. Default: none. */
  readonly addAuthCookiesToResponse?: readonly string[];
  /** Header in which the service gets the user's name. Default: none. */
  readonly headerField?: string;
  /** Whether the deciding service gets the body; only with maxBodySize. Default false. */
  readonly forwardBody?: boolean;
  /** Largest body that is passed on. Default -1: no limit. */
  readonly maxBodySize?: Bytes;
  /** Whether Location is left as it is instead of being made absolute. Default false. */
  readonly preserveLocationHeader?: boolean;
  /** Whether the deciding service is asked with the request's method instead of GET. Default false. */
  readonly preserveRequestMethod?: boolean;
  /** URL to send people to when the answer is 401. @since 3.7 */
  readonly authSigninURL?: string;
  /** Certificates for the connection to the deciding service. */
  readonly tls?: ClientTls;
}

/** Which address a request counts for. */
export interface IpStrategy {
  /** The n-th address of X-Forwarded-For from the right. Default 0: the connection's own. */
  readonly depth?: number;
  /** The first address of X-Forwarded-For from the right that isn't one of these. */
  readonly excludedIPs?: readonly string[];
  /** Bits of an IPv6 address that count, 1 to 128. Default 128. */
  readonly ipv6Subnet?: number;
}

/** What makes requests one source; exactly one of the three. */
export type SourceCriterion = ExactlyOne<{
  readonly ipStrategy: IpStrategy;
  /** Name of the header whose value counts. */
  readonly requestHeaderName: string;
  /** The host that is asked for. */
  readonly requestHost: true;
}>;

/** Limits the requests that are served at once. */
export interface InFlightReq {
  /** How many; one more gets 429. */
  readonly amount: number;
  /** What makes requests one source. Default: the host that is asked for. */
  readonly sourceCriterion?: SourceCriterion;
}

/** Lets only some addresses pass. */
export interface IpAllowList {
  /** Addresses and networks. */
  readonly sourceRange: readonly string[];
  /** Which address a request counts for. Default: the connection's own. */
  readonly ipStrategy?: IpStrategy;
  /** Status for the others. Default 403. */
  readonly rejectStatusCode?: number;
}

/** Limits the rate of requests: average per period, and at most burst at once. */
export interface RateLimit {
  /** Requests per period. 0 is no limit. */
  readonly average: number;
  /** Default 1s. */
  readonly period?: TraefikDuration;
  /** Requests that may come at once. Default 1, which a page with images exceeds. */
  readonly burst?: number;
  /** What makes requests one source. Default: the connection's address. */
  readonly sourceCriterion?: SourceCriterion;
  /** Counts in Redis instead of in memory, for several Traefiks. @since 3.4 */
  readonly redis?: RateLimitRedis;
}

/** A Redis that holds the counts. It can't take its password from a file: use an ACL without one on an internal network. */
export interface RateLimitRedis {
  /** host:port of each. Default localhost:6379. */
  readonly endpoints?: readonly string[];
  readonly tls?: ClientTls;
  /** Number of the database. Default 0. */
  readonly db?: number;
  /** Connections at the start. Default 10 for each CPU. */
  readonly poolSize?: number;
  /** Idle connections that are kept. Default 0. */
  readonly minIdleConns?: number;
  /** Most connections. Default 0: no limit. */
  readonly maxActiveConns?: number;
  /** Default 3s. */
  readonly readTimeout?: TraefikDuration;
  /** Default 3s. */
  readonly writeTimeout?: TraefikDuration;
  /** Default 5s. */
  readonly dialTimeout?: TraefikDuration;
}

/** Tells the service about the client's certificate. */
export interface PassTlsClientCert {
  /** Whether X-Forwarded-Tls-Client-Cert has the whole certificate. Default false. */
  readonly pem?: boolean;
  /** What X-Forwarded-Tls-Client-Cert-Info tells. */
  readonly info?: {
    readonly notAfter?: boolean;
    readonly notBefore?: boolean;
    readonly sans?: boolean;
    readonly serialNumber?: boolean;
    readonly subject?: DistinguishedName & { readonly organizationalUnit?: boolean };
    readonly issuer?: DistinguishedName;
  };
}

/** Which parts of a certificate's name are told. */
export interface DistinguishedName {
  readonly country?: boolean;
  readonly province?: boolean;
  readonly locality?: boolean;
  readonly organization?: boolean;
  readonly commonName?: boolean;
  readonly serialNumber?: boolean;
  readonly domainComponent?: boolean;
}
