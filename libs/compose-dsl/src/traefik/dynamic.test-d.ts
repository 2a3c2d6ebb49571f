/** What must and must not compile against Traefik's types; checked by tsc alone. */
import { expectTypeOf } from "vitest";
import type { DynamicConfiguration, Router, Service } from "./dynamic.ts";
import type { ForwardAuth } from "./middleware-access.ts";
import type { Headers } from "./middleware-headers.ts";
import type { Middleware } from "./middleware.ts";
import type { EntryPointHttp } from "./static-entry-point.ts";
import type { StaticConfiguration } from "./static.ts";
import type { TcpLoadBalancer } from "./tcp.ts";
import type { TlsOptions } from "./tls.ts";
import type { TraefikDuration } from "./units.ts";

// @ts-expect-error ipWhiteList is ipAllowList since Traefik 3.0
export const whiteList: Middleware = { ipWhiteList: { sourceRange: ["10.0.0.0/8"] } };
// @ts-expect-error sslRedirect is gone since Traefik 3.0
export const sslRedirect: Headers = { sslRedirect: true };
// @ts-expect-error sslTemporaryRedirect is gone since Traefik 3.0
export const sslTemporaryRedirect: Headers = { sslTemporaryRedirect: true };
// @ts-expect-error sslHost is gone since Traefik 3.0
export const sslHost: Headers = { sslHost: "jlam.nl" };
// @ts-expect-error sslForceHost is gone since Traefik 3.0
export const sslForceHost: Headers = { sslForceHost: true };
// @ts-expect-error featurePolicy is permissionsPolicy since Traefik 3.0
export const featurePolicy: Headers = { featurePolicy: "camera 'none'" };
// @ts-expect-error forceSlash is gone since Traefik 3.0
export const forceSlash: Middleware = { stripPrefix: { prefixes: ["/a"], forceSlash: true } };
// @ts-expect-error autoDetect is gone since Traefik 3.0
export const autoDetect: Middleware = { contentType: { autoDetect: true } };
// @ts-expect-error ruleSyntax is deprecated since Traefik 3.4
export const ruleSyntax: Router = { rule: "Host(`a`)", service: "a", ruleSyntax: "v2" };
// @ts-expect-error terminationDelay belongs to a serversTransport since Traefik 3.0
export const terminationDelay: TcpLoadBalancer = { servers: [], terminationDelay: 100 };
// @ts-expect-error proxyProtocol belongs to a serversTransport since Traefik 3.5.2
export const proxyProtocol: TcpLoadBalancer = { servers: [], proxyProtocol: {} };
export const caOptional: ForwardAuth = {
  address: "http://a",
  trustForwardHeader: true,
  // @ts-expect-error caOptional is an option of servers since Traefik 3.0
  tls: { caOptional: true },
};

// @ts-expect-error trustForwardHeader must be said
export const untold: ForwardAuth = { address: "http://auth:9000" };
// @ts-expect-error what happens to alias headers must be said
export const keptAliases: EntryPointHttp = { maxHeaderBytes: 1024 };
// @ts-expect-error underscoreHeadersStrategy became aliasHeadersStrategy
export const underscores: EntryPointHttp = { aliasHeadersStrategy: "delete", underscoreHeadersStrategy: "delete" };
// @ts-expect-error a middleware is of one kind
export const two: Middleware = { compress: {}, addPrefix: { prefix: "/a" } };
// @ts-expect-error a middleware is of one kind
export const none: Middleware = {};
// @ts-expect-error a service is of one kind
export const twoServices: Service = { loadBalancer: { servers: [] }, failover: { service: "a", fallback: "b" } };
// @ts-expect-error a prefix begins with a slash
export const noSlash: Middleware = { addPrefix: { prefix: "a" } };
// @ts-expect-error a duration has a unit
export const noUnit: TraefikDuration = "30";
// @ts-expect-error a duration is text with a unit, not a number
export const numeric: Middleware = { circuitBreaker: { expression: "a", checkPeriod: 100 } };
// @ts-expect-error a status is a number or a range of numbers
export const status: Middleware = { errors: { status: ["5xx"], service: "a" } };
// @ts-expect-error weak cipher suites are left out on purpose
export const weak: TlsOptions = { cipherSuites: ["TLS_RSA_WITH_RC4_128_SHA"] };
// @ts-expect-error only the store "default" is read
export const store: DynamicConfiguration = { tls: { stores: { other: {} } } };
// @ts-expect-error whether containers are exposed by default must be said
export const exposed: StaticConfiguration["providers"] = { docker: {} };
// @ts-expect-error believing every X-Forwarded header can't be said
export const insecure: StaticConfiguration["entryPoints"] = { a: { address: ":80", forwardedHeaders: { insecure: true } } };
// @ts-expect-error one challenge
export const challenges: StaticConfiguration["certificatesResolvers"] = { a: { acme: { storage: "a", tlsChallenge: {}, dnsChallenge: { provider: "scaleway" } } } };
// @ts-expect-error a directory or a file, not both
export const bothFiles: StaticConfiguration["providers"] = { file: { directory: "a", filename: "b" } };

expectTypeOf<"1h30m">().toExtend<TraefikDuration>();
expectTypeOf<"100ms">().toExtend<TraefikDuration>();
