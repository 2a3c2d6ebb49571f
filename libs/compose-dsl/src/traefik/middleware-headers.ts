/** Traefik's headers middleware. */
import type { Seconds } from "./units.ts";

/** Header names and the values they get; an empty value removes the header. */
type HeaderValues = Readonly<Record<string, string>>;

/** Sets headers of requests and responses, answers cross-origin questions, adds security headers. */
export interface Headers {
  /** Headers that the service gets. */
  readonly customRequestHeaders?: HeaderValues;
  /** Headers that the client gets. */
  readonly customResponseHeaders?: HeaderValues;

  /** Whether cross-origin requests may carry cookies. Default false. */
  readonly accessControlAllowCredentials?: boolean;
  /** Headers that cross-origin requests may carry. */
  readonly accessControlAllowHeaders?: readonly string[];
  /** Methods that cross-origin requests may use. */
  readonly accessControlAllowMethods?: readonly string[];
  /** Origins that may ask; "*" for any. */
  readonly accessControlAllowOriginList?: readonly string[];
  /** The same by Go regular expression. */
  readonly accessControlAllowOriginListRegex?: readonly string[];
  /** Headers that scripts of other origins may read. */
  readonly accessControlExposeHeaders?: readonly string[];
  /** How long a browser may remember the answer. */
  readonly accessControlMaxAge?: Seconds;
  /** Whether Vary names Origin. Default false; needed as soon as more than one origin may ask. */
  readonly addVaryHeader?: boolean;

  /** Hosts that may be asked for; others get 500. Default: any. */
  readonly allowedHosts?: readonly string[];
  /** Headers in which a proxy in front tells the host. */
  readonly hostsProxyHeaders?: readonly string[];
  /** Headers by which a proxy in front tells that the client used TLS. */
  readonly sslProxyHeaders?: HeaderValues;

  /** max-age of Strict-Transport-Security; 0 leaves the header out. Default 0. */
  readonly stsSeconds?: Seconds;
  /** Whether Strict-Transport-Security covers subdomains. Default false. */
  readonly stsIncludeSubdomains?: boolean;
  /** Whether Strict-Transport-Security asks for preloading. Default false. */
  readonly stsPreload?: boolean;
  /** Whether Strict-Transport-Security is sent on plain HTTP too. Default false. */
  readonly forceSTSHeader?: boolean;

  /** X-Frame-Options: DENY. Default false. */
  readonly frameDeny?: boolean;
  /** X-Frame-Options with this value, over frameDeny. */
  readonly customFrameOptionsValue?: string;
  /** X-Content-Type-Options: nosniff. Default false. */
  readonly contentTypeNosniff?: boolean;
  /** X-XSS-Protection: 1; mode=block. Default false. */
  readonly browserXssFilter?: boolean;
  /** X-XSS-Protection with this value, over browserXssFilter. */
  readonly customBrowserXSSValue?: string;
  /** Content-Security-Policy. */
  readonly contentSecurityPolicy?: string;
  /** Content-Security-Policy-Report-Only. */
  readonly contentSecurityPolicyReportOnly?: string;
  /** Public-Key-Pins; browsers no longer read it. */
  readonly publicKey?: string;
  /** Referrer-Policy. */
  readonly referrerPolicy?: string;
  /** Permissions-Policy. */
  readonly permissionsPolicy?: string;
  /** Whether allowedHosts and the STS options are left out, for development. Default false. */
  readonly isDevelopment?: boolean;
}
