/** Every HTTP middleware of Traefik 3.7. Key names and defaults: Traefik's own configuration structs at v3.7.9. */
import type {
  BasicAuth, DigestAuth, ForwardAuth, InFlightReq, IpAllowList, PassTlsClientCert, RateLimit,
} from "./middleware-access.ts";
import type { Headers } from "./middleware-headers.ts";
import type { Bytes, ExactlyOne, StatusRange, TraefikDuration } from "./units.ts";

/** A middleware is of exactly one kind. */
export type Middleware = ExactlyOne<MiddlewareKinds>;

/** The kinds of middleware, by the key that Traefik knows them by. */
export interface MiddlewareKinds {
  /** Puts a prefix before the path. */
  readonly addPrefix: AddPrefix;
  /** Asks for a name and a password. */
  readonly basicAuth: BasicAuth;
  /** Holds whole requests and responses and limits their size. */
  readonly buffering: Buffering;
  /** Several middlewares under one name. */
  readonly chain: Chain;
  /** Stops calling a service that fails. */
  readonly circuitBreaker: CircuitBreaker;
  /** Compresses responses. */
  readonly compress: Compress;
  /** Lets Traefik guess a content type that the service didn't set. */
  readonly contentType: Readonly<Record<string, never>>;
  /** Asks for a name and a password by digest. */
  readonly digestAuth: DigestAuth;
  /** Refuses requests whose path has certain encoded characters. @since 3.7 */
  readonly encodedCharacters: EncodedCharacters;
  /** Answers errors with a page of another service. */
  readonly errors: Errors;
  /** Lets another service decide on each request. */
  readonly forwardAuth: ForwardAuth;
  /** Turns gRPC-Web requests into gRPC. */
  readonly grpcWeb: GrpcWeb;
  /** Sets headers of requests and responses. */
  readonly headers: Headers;
  /** Limits the requests that are served at once. */
  readonly inFlightReq: InFlightReq;
  /** Lets only some addresses pass. */
  readonly ipAllowList: IpAllowList;
  /** Tells the service about the client's certificate. */
  readonly passTLSClientCert: PassTlsClientCert;
  /** A plugin, by its name in the static configuration. */
  readonly plugin: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Limits the rate of requests. */
  readonly rateLimit: RateLimit;
  /** Redirects URLs that match a regular expression. */
  readonly redirectRegex: RedirectRegex;
  /** Redirects to another scheme or port. */
  readonly redirectScheme: RedirectScheme;
  /** Replaces the path. */
  readonly replacePath: ReplacePath;
  /** Replaces a path that matches a regular expression. */
  readonly replacePathRegex: ReplacePathRegex;
  /** Tries a request again on another server. */
  readonly retry: Retry;
  /** Takes a prefix off the path. */
  readonly stripPrefix: StripPrefix;
  /** Takes a prefix that matches a regular expression off the path. */
  readonly stripPrefixRegex: StripPrefixRegex;
}

/** Puts a prefix before the path of a request. */
export interface AddPrefix {
  /** The prefix, with its leading slash. */
  readonly prefix: `/${string}`;
}

/** Holds whole requests and responses and limits their size. */
export interface Buffering {
  /** Largest request body; a larger one gets 413. Default 0: no limit. */
  readonly maxRequestBodyBytes?: Bytes;
  /** Request size above which it is held on disk. Default 1048576. */
  readonly memRequestBodyBytes?: Bytes;
  /** Largest response body; a larger one becomes 500. Default 0: no limit. */
  readonly maxResponseBodyBytes?: Bytes;
  /** Response size above which it is held on disk. Default 1048576. */
  readonly memResponseBodyBytes?: Bytes;
  /** When to try again, such as "IsNetworkError() && Attempts() < 2". Default: never. */
  readonly retryExpression?: string;
}

/** Several middlewares under one name. */
export interface Chain {
  /** Names, in the order in which a request passes them. */
  readonly middlewares: readonly string[];
}

/** Stops calling a service that fails. */
export interface CircuitBreaker {
  /** When to stop, such as "NetworkErrorRatio() > 0.30". */
  readonly expression: string;
  /** How often the expression is looked at. Default 100ms. */
  readonly checkPeriod?: TraefikDuration;
  /** How long it stays stopped before it tries to recover. Default 10s. */
  readonly fallbackDuration?: TraefikDuration;
  /** How long recovering takes. Default 10s. */
  readonly recoveryDuration?: TraefikDuration;
  /** Status while stopped. Default 503. */
  readonly responseCode?: number;
}

/** Compresses responses; an empty object does so with every default. */
export interface Compress {
  /** Content types that are left alone; application/grpc always is. Not together with includedContentTypes. */
  readonly excludedContentTypes?: readonly string[];
  /** The only content types that are compressed. */
  readonly includedContentTypes?: readonly string[];
  /** Smallest body that is compressed. Default 1024. */
  readonly minResponseBodyBytes?: Bytes;
  /** Compressions offered, best first. Default gzip, br, zstd. */
  readonly encodings?: readonly ("gzip" | "br" | "zstd")[];
  /** Compression where the client names none or any. Default: none. */
  readonly defaultEncoding?: "gzip" | "br" | "zstd";
}

/**
 * Encoded characters that may stand in a path. As a middleware, what is not set is refused; on an
 * entry point every one is allowed by default.
 */
export interface EncodedCharacters {
  /** `%2F` */
  readonly allowEncodedSlash?: boolean;
  /** `%5C` */
  readonly allowEncodedBackSlash?: boolean;
  /** `%00` */
  readonly allowEncodedNullCharacter?: boolean;
  /** `%3B` */
  readonly allowEncodedSemicolon?: boolean;
  /** `%25` */
  readonly allowEncodedPercent?: boolean;
  /** `%3F` */
  readonly allowEncodedQuestionMark?: boolean;
  /** `%23` */
  readonly allowEncodedHash?: boolean;
}

/** Answers errors with a page of another service. */
export interface Errors {
  /** Which responses are replaced. */
  readonly status: readonly StatusRange[];
  /** Other statuses to answer with, by the original one or range. @since 3.4 */
  readonly statusRewrites?: Readonly<Record<StatusRange, number>>;
  /** The service that serves the page. */
  readonly service: string;
  /** Path of the page; {status}, {originalStatus} and {url} are filled in. */
  readonly query?: string;
  /**
   * Headers of the request that the page's service gets. Without it all are sent, cookies and
   * authorization included; an empty list sends none. @since 3.6.15
   */
  readonly errorRequestHeaders?: readonly string[];
}

/** Turns gRPC-Web requests into gRPC. */
export interface GrpcWeb {
  /** Origins that may call; "*" for any. */
  readonly allowOrigins: readonly string[];
}

/** Redirects URLs that match a regular expression. */
export interface RedirectRegex {
  /** Go regular expression on the whole URL. */
  readonly regex: string;
  /** New URL; ${1} is the first group. */
  readonly replacement: string;
  /** Whether clients may remember it. Default false. */
  readonly permanent?: boolean;
}

/** Redirects to another scheme or port. */
export interface RedirectScheme {
  readonly scheme: "http" | "https";
  /** Port of the new URL. Default: the scheme's own. */
  readonly port?: `${number}`;
  /** Whether clients may remember it. Default false. */
  readonly permanent?: boolean;
}

/** Replaces the path and keeps the old one in X-Replaced-Path. */
export interface ReplacePath {
  readonly path: `/${string}`;
}

/** Replaces a path that matches a regular expression. */
export interface ReplacePathRegex {
  /** Go regular expression on the path. */
  readonly regex: string;
  /** New path; ${1} is the first group. */
  readonly replacement: string;
}

/** Tries a request again on another server. */
export interface Retry {
  /** How many attempts are made at most. */
  readonly attempts: number;
  /** How long trying may take altogether. Default: no limit. @since 3.7 */
  readonly timeout?: TraefikDuration;
  /** First pause, doubling up to twice its length. Default: none. */
  readonly initialInterval?: TraefikDuration;
  /** Largest body that is kept for a retry. Default 2097152. @since 3.7 */
  readonly maxRequestBodyBytes?: Bytes;
  /** Responses that are tried again too. Default: none, only network errors. @since 3.7 */
  readonly status?: readonly StatusRange[];
  /** Whether a network error is not tried again. Default false. @since 3.7 */
  readonly disableRetryOnNetworkError?: boolean;
  /** Whether POST, LOCK and PATCH are tried again too. Default false. @since 3.7 */
  readonly retryNonIdempotentMethod?: boolean;
}

/** Takes a prefix off the path and tells it in X-Forwarded-Prefix. */
export interface StripPrefix {
  /** Prefixes; from 3.7.3 a path with `..` is refused. */
  readonly prefixes: readonly `/${string}`[];
}

/** Takes a prefix that matches a regular expression off the path. */
export interface StripPrefixRegex {
  /** Go regular expressions on the path. */
  readonly regex: readonly string[];
}
