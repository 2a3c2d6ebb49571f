import { middleware, type Middleware } from "@jlam/compose-dsl";

/** Two years: what browsers' preload list asks for. */
const hstsSeconds = 63_072_000;

const securityHeaders = middleware("security-headers", {
  headers: {
    stsSeconds: hstsSeconds,
    stsIncludeSubdomains: true,
    stsPreload: true,
    forceSTSHeader: true,
    contentTypeNosniff: true,
    frameDeny: true,
    referrerPolicy: "strict-origin-when-cross-origin",
    permissionsPolicy: "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    customResponseHeaders: { Server: "", "X-Powered-By": "", "Cross-Origin-Opener-Policy": "same-origin" },
  },
});

/** Per client address: 50 requests a second, 100 at once. A route that needs another gives its own `rate-limit`. */
const rateLimit = middleware("rate-limit", { rateLimit: { average: 50, period: "1s", burst: 100 } });

const compression = middleware("compression", { compress: { minResponseBodyBytes: 1024 } });

/** In the order in which a request meets them. */
export const everyRoute: readonly Middleware[] = [securityHeaders, rateLimit, compression];
