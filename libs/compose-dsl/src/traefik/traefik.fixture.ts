/** Configurations that use every key of our Traefik types, for the tests against the real program. */
import type { DynamicConfiguration } from "./dynamic.ts";
import type { StaticConfiguration } from "./static.ts";

const otlp = { grpc: { endpoint: "127.0.0.1:1", insecure: true, headers: { a: "b" } } } as const;
const otlpHttp = { http: { endpoint: "https://127.0.0.1:1/v1/metrics", headers: { a: "b" }, tls: { insecureSkipVerify: false } } } as const;

/** Ports on 127.0.0.1 that the program may listen on. */
export interface Ports {
  readonly web: number;
  readonly traefik: number;
}

/** A static configuration with every key; what a key excludes is in alternativeStatic. */
export function everyStaticKey(directory: string, ports: Ports): StaticConfiguration {
  return {
    global: { checkNewVersion: false, sendAnonymousUsage: false, notAppendXForwardedFor: false },
    entryPoints: {
      web: {
        address: `127.0.0.1:${ports.web}`,
        asDefault: true,
        allowACMEByPass: false,
        reusePort: false,
        http: {
          middlewares: ["compress@file"],
          tls: { options: "default", certResolver: "dns", domains: [{ main: "a.test", sans: ["*.a.test"] }] },
          aliasHeadersStrategy: "delete",
          encodedCharacters: everyEncodedCharacter,
          encodeQuerySemicolons: false,
          sanitizePath: true,
          maxHeaderBytes: 65_536,
        },
        http2: { maxConcurrentStreams: 100, maxDecoderHeaderTableSize: 4096, maxEncoderHeaderTableSize: 4096 },
        http3: { advertisedPort: ports.web },
        transport: {
          respondingTimeouts: { readTimeout: "30s", writeTimeout: "0s", idleTimeout: "1m30s" },
          lifeCycle: { requestAcceptGraceTimeout: "0s", graceTimeOut: "1s" },
          keepAliveMaxRequests: 0,
          keepAliveMaxTime: "1h",
        },
        forwardedHeaders: { trustedIPs: ["127.0.0.1/32"], connection: ["X-A"], notAppendXForwardedFor: false },
        proxyProtocol: { trustedIPs: ["127.0.0.1/32"] },
        observability: { accessLogs: true, metrics: true, tracing: true, traceVerbosity: "minimal" },
        udp: { timeout: "3s" },
      },
      redirected: {
        address: "127.0.0.1:0",
        http: {
          redirections: { entryPoint: { to: "web", scheme: "https", permanent: true, priority: 10 } },
          aliasHeadersStrategy: "reject",
        },
      },
      traefik: { address: `127.0.0.1:${ports.traefik}`, http: { aliasHeadersStrategy: "delete" } },
    },
    providers: {
      providersThrottleDuration: "50ms",
      precedence: ["file", "docker"],
      file: { directory, watch: false, debugLogGeneratedTemplate: false },
      http: { endpoint: "http://127.0.0.1:1", pollInterval: "1h", pollTimeout: "1s", headers: { a: "b" }, tls: { insecureSkipVerify: false } },
      docker: {
        endpoint: "tcp://127.0.0.1:1", exposedByDefault: false, constraints: "Label(`a`, `b`)", network: "edge",
        defaultRule: "Host(`{{ normalize .Name }}`)", allowEmptyServices: true, useBindPortIP: false, watch: true,
        httpClientTimeout: "0s", tls: { insecureSkipVerify: false },
      },
    },
    certificatesResolvers: {
      dns: {
        acme: {
          email: "a@a.test", storage: `${directory}/acme.json`, caServer: "https://127.0.0.1:1/dir", caCertificates: [`${directory}/cert.pem`],
          caSystemCertPool: false, caServerName: "a.test", keyType: "EC256", certificatesDuration: 2160, preferredChain: "a",
          profile: "a", emailAddresses: ["a@a.test"], disableCommonName: true, clientTimeout: "2m", clientResponseHeaderTimeout: "30s",
          certificateTimeout: "30s",
          dnsChallenge: {
            provider: "httpreq", resolvers: ["127.0.0.1:1"],
            propagation: { delayBeforeChecks: "1s", disableChecks: false, disableANSChecks: false, requireAllRNS: false },
          },
        },
      },
      http: { acme: { storage: `${directory}/http.json`, httpChallenge: { entryPoint: "redirected", delay: "1s" } } },
      tls: { acme: { storage: `${directory}/tls.json`, tlsChallenge: { delay: "1s" } } },
    },
    log: { level: "INFO", format: "json", noColor: true },
    accessLog: {
      format: "json",
      filters: { statusCodes: ["200", "500-599"], retryAttempts: true, minDuration: "10ms" },
      fields: {
        defaultMode: "keep", names: { ClientUsername: "drop" }, headers: { defaultMode: "drop", names: { Referer: "redact" } },
        queryParameters: { defaultMode: "drop" },
      },
      bufferingSize: 10, addInternals: true, dualOutput: true,
      otlp: { ...otlp, serviceName: "traefik", resourceAttributes: { a: "b" } },
    },
    metrics: {
      addInternals: true,
      prometheus: {
        buckets: [0.1, 0.5], addEntryPointsLabels: true, addRoutersLabels: true, addServicesLabels: true, entryPoint: "traefik",
        manualRouting: false, headerLabels: { agent: "User-Agent" },
      },
      otlp: {
        ...otlpHttp, addEntryPointsLabels: true, addRoutersLabels: true, addServicesLabels: true, explicitBoundaries: [0.1],
        pushInterval: "1h", serviceName: "traefik", resourceAttributes: { a: "b" },
      },
    },
    tracing: {
      otlp, serviceName: "traefik", sampleRate: 0, addInternals: true, resourceAttributes: { a: "b" }, capturedRequestHeaders: ["X-A"],
      capturedResponseHeaders: ["X-B"], safeQueryParams: ["page"],
    },
    ping: { entryPoint: "traefik", manualRouting: false, terminatingStatusCode: 503 },
    api: { insecure: true, dashboard: true, debug: false, disableDashboardAd: true, basePath: "/", dashboardName: "test" },
    serversTransport: {
      insecureSkipVerify: false, rootCAs: [`${directory}/cert.pem`], maxIdleConnsPerHost: 20,
      forwardingTimeouts: { dialTimeout: "5s", responseHeaderTimeout: "1m", idleConnTimeout: "30s" },
    },
    core: { strictTLSOptions: true },
    experimental: { abortOnPluginFailure: true, otlplogs: true, fastProxy: { debug: false } },
    hostResolver: { cnameFlattening: false, resolvConfig: "/etc/resolv.conf", resolvDepth: 5 },
    ocsp: { responderOverrides: { "http://a.test": "http://b.test" } },
  };
}

const everyEncodedCharacter = {
  allowEncodedSlash: true, allowEncodedBackSlash: false, allowEncodedNullCharacter: false, allowEncodedSemicolon: false,
  allowEncodedPercent: true, allowEncodedQuestionMark: false, allowEncodedHash: false,
} as const;

const name = {
  country: true, province: true, locality: true, organization: true, commonName: true, serialNumber: true, domainComponent: true,
} as const;

/** Every kind of middleware with every key. */
export const everyMiddleware = {
  prefix: { addPrefix: { prefix: "/a" } },
  basic: { basicAuth: { users: ["a:$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/"], realm: "a", removeHeader: true, headerField: "X-User" } },
  buffering: {
    buffering: {
      maxRequestBodyBytes: 1, memRequestBodyBytes: 1, maxResponseBodyBytes: 1, memResponseBodyBytes: 1,
      retryExpression: "IsNetworkError() && Attempts() < 2",
    },
  },
  chain: { chain: { middlewares: ["prefix", "compress"] } },
  breaker: {
    circuitBreaker: {
      expression: "NetworkErrorRatio() > 0.30", checkPeriod: "100ms", fallbackDuration: "10s", recoveryDuration: "10s", responseCode: 503,
    },
  },
  compress: { compress: { excludedContentTypes: ["image/png"], minResponseBodyBytes: 1024, encodings: ["br", "gzip"], defaultEncoding: "gzip" } },
  included: { compress: { includedContentTypes: ["text/html"] } },
  guess: { contentType: {} },
  digest: { digestAuth: { users: ["a:traefik:a2688e031edb4be6a3797f3882655c05"], realm: "a", removeHeader: true, headerField: "X-User" } },
  characters: { encodedCharacters: everyEncodedCharacter },
  errors: {
    errors: { status: ["404", "500-599"], statusRewrites: { "418": 404 }, service: "web", query: "/{status}", errorRequestHeaders: ["Accept"] },
  },
  forward: {
    forwardAuth: {
      address: "http://127.0.0.1:1/auth", trustForwardHeader: true, authResponseHeaders: ["X-User", "X-Groups"], authResponseHeadersRegex: "^X-A-",
      authRequestHeaders: ["Cookie"], maxResponseBodySize: 65_536, addAuthCookiesToResponse: ["a"], headerField: "X-Name", forwardBody: true,
      maxBodySize: 1024, preserveLocationHeader: true, preserveRequestMethod: true, authSigninURL: "https://a.test/sign-in",
      tls: { insecureSkipVerify: false },
    },
  },
  grpc: { grpcWeb: { allowOrigins: ["*"] } },
  headers: {
    headers: {
      customRequestHeaders: { "X-A": "b" }, customResponseHeaders: { Server: "" }, accessControlAllowCredentials: true,
      accessControlAllowHeaders: ["X-A", "X-B"], accessControlAllowMethods: ["GET"], accessControlAllowOriginList: ["https://a.test"],
      accessControlAllowOriginListRegex: ["^https://a"], accessControlExposeHeaders: ["X-A"], accessControlMaxAge: 100, addVaryHeader: true,
      allowedHosts: ["a.test"], hostsProxyHeaders: ["X-Forwarded-Host"], sslProxyHeaders: { "X-Forwarded-Proto": "https" }, stsSeconds: 31_536_000,
      stsIncludeSubdomains: true, stsPreload: true, forceSTSHeader: true, frameDeny: true, customFrameOptionsValue: "DENY", contentTypeNosniff: true,
      browserXssFilter: true, customBrowserXSSValue: "0", contentSecurityPolicy: "default-src 'self'", contentSecurityPolicyReportOnly: "default-src 'none'",
      publicKey: "a", referrerPolicy: "no-referrer", permissionsPolicy: "camera=()", isDevelopment: false,
    },
  },
  inflight: { inFlightReq: { amount: 10, sourceCriterion: { requestHost: true } } },
  allow: { ipAllowList: { sourceRange: ["127.0.0.1/32", "::1"], ipStrategy: { depth: 1 }, rejectStatusCode: 404 } },
  certificate: {
    passTLSClientCert: {
      pem: true,
      info: { notAfter: true, notBefore: true, sans: true, serialNumber: true, subject: { ...name, organizationalUnit: true }, issuer: name },
    },
  },
  rate: { rateLimit: { average: 10, period: "1m", burst: 20, sourceCriterion: { ipStrategy: { excludedIPs: ["127.0.0.1"] } } } },
  rateByHeader: { rateLimit: { average: 10, sourceCriterion: { requestHeaderName: "X-A" } } },
  rateInRedis: {
    rateLimit: {
      average: 10, sourceCriterion: { ipStrategy: { ipv6Subnet: 64 } },
      redis: {
        endpoints: ["127.0.0.1:1"], db: 1, poolSize: 1, minIdleConns: 1, maxActiveConns: 2, readTimeout: "1s", writeTimeout: "1s", dialTimeout: "1s",
        tls: { insecureSkipVerify: false },
      },
    },
  },
  redirect: { redirectRegex: { regex: "^https://a/(.*)", replacement: "https://b/${1}", permanent: true } },
  scheme: { redirectScheme: { scheme: "https", port: "443", permanent: true } },
  path: { replacePath: { path: "/a" } },
  pathRegex: { replacePathRegex: { regex: "^/a/(.*)", replacement: "/b/$1" } },
  retry: {
    retry: {
      attempts: 3, timeout: "5s", initialInterval: "100ms", maxRequestBodyBytes: 1024, status: ["502-504"], disableRetryOnNetworkError: false,
      retryNonIdempotentMethod: false,
    },
  },
  strip: { stripPrefix: { prefixes: ["/a", "/b"] } },
  stripRegex: { stripPrefixRegex: { regex: ["^/[a-z]+"] } },
} as const satisfies NonNullable<NonNullable<DynamicConfiguration["http"]>["middlewares"]>;

/** A router with every key that labels can hold. */
export const everyRouterKey = {
  entryPoints: ["web"],
  rule: "Host(`a.test`)",
  middlewares: Object.keys(everyMiddleware),
  service: "web",
  priority: 10,
  tls: { options: "modern@file", domains: [{ main: "a.test", sans: ["b.test", "c.test"] }, { main: "d.test" }] },
  observability: { accessLogs: true, metrics: true, tracing: true, traceVerbosity: "detailed" },
} as const satisfies NonNullable<NonNullable<DynamicConfiguration["http"]>["routers"]>[string];

/** A load balancer with every key but its servers. */
export const everyBalancingKey = {
  strategy: "wrr",
  sticky: { cookie: { name: "a", secure: true, httpOnly: true, sameSite: "strict", maxAge: 60, path: "/", domain: "a.test" } },
  healthCheck: {
    path: "/health", scheme: "http", mode: "http", method: "GET", status: 200, port: 1, interval: "1h", unhealthyInterval: "1h", timeout: "1s",
    hostname: "a.test", followRedirects: false, headers: { "X-A": "b" },
  },
  passiveHealthCheck: { failureWindow: "10s", maxFailedAttempts: 3 },
  passHostHeader: true,
  responseForwarding: { flushInterval: "100ms" },
  serversTransport: "internal@file",
} as const;

/** A dynamic configuration with every key. */
export function everyDynamicKey(directory: string): DynamicConfiguration {
  const certificate = { certFile: `${directory}/cert.pem`, keyFile: `${directory}/key.pem` };
  const transportTls = {
    serverName: "a.test", insecureSkipVerify: false, rootCAs: [certificate.certFile], certificates: [certificate], peerCertURI: "spiffe://a/b",
  };
  return {
    http: {
      routers: { every: everyRouterKey, parent: { rule: "Host(`p.test`)", service: "web" } },
      services: {
        web: { loadBalancer: { ...everyBalancingKey, servers: [{ url: "http://127.0.0.1:1", weight: 1, preservePath: true }] }, middlewares: ["compress"] },
        weighted: {
          weighted: { services: [{ name: "web", weight: 0 }, { name: "inner" }], sticky: { cookie: {} }, healthCheck: {} },
        },
        inner: { loadBalancer: { servers: [{ url: "h2c://127.0.0.1:1" }], healthCheck: { path: "/", interval: "1h" } } },
        hashed: { highestRandomWeight: { services: [{ name: "inner", weight: 1 }], healthCheck: {} } },
        mirrored: { mirroring: { service: "inner", mirrors: [{ name: "web", percent: 10 }], mirrorBody: false, maxBodySize: 1024, healthCheck: {} } },
        failing: { failover: { service: "inner", fallback: "web", healthCheck: {}, errors: { maxRequestBodyBytes: 1024, status: ["500-599"] } } },
      },
      middlewares: everyMiddleware,
      serversTransports: {
        internal: {
          ...transportTls, cipherSuites: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"], minVersion: "VersionTLS12", maxVersion: "VersionTLS13",
          maxIdleConnsPerHost: 10, disableHTTP2: false,
          forwardingTimeouts: { dialTimeout: "1s", responseHeaderTimeout: "1s", idleConnTimeout: "1s", readIdleTimeout: "1s", pingTimeout: "1s" },
        },
      },
    },
    tcp: {
      routers: {
        database: {
          entryPoints: ["web"], rule: "HostSNI(`db.test`)", middlewares: ["few", "local"], service: "database", priority: 1,
          tls: { passthrough: true, options: "default", domains: [{ main: "db.test" }] },
        },
      },
      services: {
        database: {
          loadBalancer: {
            servers: [{ address: "127.0.0.1:1", tls: false }], serversTransport: "tcp",
            healthCheck: { port: 1, send: "a", expect: "b", interval: "1h", unhealthyInterval: "1h", timeout: "1s" },
          },
        },
        both: { weighted: { services: [{ name: "database", weight: 1 }], healthCheck: {} } },
      },
      middlewares: { few: { inFlightConn: { amount: 10 } }, local: { ipAllowList: { sourceRange: ["127.0.0.1"] } } },
      serversTransports: {
        tcp: { dialTimeout: "1s", dialKeepAlive: "15s", terminationDelay: "100ms", proxyProtocol: { version: 2 }, tls: transportTls },
      },
    },
    tls: {
      certificates: [{ ...certificate, stores: ["default"] }],
      stores: { default: { defaultCertificate: certificate } },
      options: {
        modern: {
          minVersion: "VersionTLS12", maxVersion: "VersionTLS13", cipherSuites: ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"],
          curvePreferences: ["X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "X25519", "CurveP256", "CurveP384", "CurveP521"],
          clientAuth: { caFiles: [certificate.certFile], clientAuthType: "VerifyClientCertIfGiven" }, sniStrict: true, alpnProtocols: ["h2", "http/1.1"],
          disableSessionTickets: true,
        },
      },
    },
  };
}

