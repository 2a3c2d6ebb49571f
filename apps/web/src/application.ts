import { randomUUID } from "node:crypto";

import cookie from "@fastify/cookie";
import etag from "@fastify/etag";
import formbody from "@fastify/formbody";
import helmet from "@fastify/helmet";
import Fastify, { LogController } from "fastify";
import type { FastifyBaseLogger, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";

import { addDiaryApi } from "./diary/api.ts";
import type { Diary } from "./diary/diary.ts";
import { addDiaryPages } from "./diary/routes.ts";
import { addHealthRoutes } from "./health/routes.ts";
import type { HealthParts } from "./health/routes.ts";
import { ASSET_ROUTES, serveAssets } from "./http/assets.ts";
import { refuseCrossSiteRequests } from "./http/cross-site.ts";
import { closeConnectionsWhenStopping } from "./http/lifecycle.ts";
import type { Metrics } from "./http/metrics.ts";
import { observeRequests } from "./http/observation.ts";
import { addOperatorsPage } from "./operators/routes.ts";
import { errorPage } from "./pages/error-page.ts";
import { closeForMaintenance } from "./pages/maintenance.ts";
import { OPERATORS_PATH, SIGN_IN_PATH, SIGN_OUT_PATH } from "./pages/paths.ts";
import { addDisplayForm, addLandingPage } from "./pages/routes.ts";
import type { PageParts } from "./pages/routes.ts";
import { addPrivacyNotice, addPrivacyPages } from "./privacy/routes.ts";
import type { PrivacyParts } from "./privacy/routes.ts";
import { addSignIn } from "./sign-in/routes.ts";

/** Everything the application is made from; tests put other parts in the place of databases. */
export interface ApplicationParts extends HealthParts, PageParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly publicOrigin: string;
  readonly trustedProxies: readonly string[];
  /** Undefined where nobody can sign in. */
  readonly diary: Diary | undefined;
  /** Undefined where nobody can sign in. */
  readonly privacy: PrivacyParts | undefined;
  /** How long backups still hold what was erased, in days. */
  readonly backupDays: number;
}

/**
 * Longer than Traefik keeps idle connections to its servers (idleConnTimeout, 90 s), so that Traefik is always the
 * first to close one; otherwise a request sent on a connection that is just being closed fails with 502. Milliseconds.
 */
export const KEEP_ALIVE = 100_000;

/** Must be longer than {@link KEEP_ALIVE}: Node counts it from the end of the previous request. Milliseconds. */
const HEADERS_LIMIT = 105_000;

/** A whole request with its body must have arrived by then; Node wants it no shorter than {@link HEADERS_LIMIT}. Milliseconds. */
const REQUEST_LIMIT = 120_000;

/** Forms here are a few hundred bytes. */
const BODY_LIMIT = 16 * 1024;

/** The application with all routes; it listens when it is told to. */
export async function buildApplication(parts: ApplicationParts): Promise<FastifyInstance> {
  const sendError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const status = error.statusCode !== undefined && error.statusCode >= 400 ? error.statusCode : 500;
    if (status >= 500) request.log.error({ err: error.cause ?? error }, "request failed");
    return reply
      .code(status)
      .header("cache-control", "no-store")
      .type("text/html; charset=utf-8")
      .send(errorPage(parts.assets, status, request.id));
  };

  // Named by Fastify's own type, so that the application's type doesn't depend on the logger.
  const loggerInstance: FastifyBaseLogger = parts.logger;
  const application = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "request_id" }),
    // An id from outside could carry anything; this one is ours.
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    trustProxy: parts.trustedProxies.length === 0 ? false : [...parts.trustedProxies],
    keepAliveTimeout: KEEP_ALIVE,
    requestTimeout: REQUEST_LIMIT,
    http: { headersTimeout: HEADERS_LIMIT },
    bodyLimit: BODY_LIMIT,
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      sendError(error, request, reply);
    },
  });

  observeRequests(application, parts.metrics, [parts.healthPath, parts.readyPath]);
  closeConnectionsWhenStopping(application, parts.lifecycle);
  refuseCrossSiteRequests(application, parts.publicOrigin);
  closeForMaintenance(application, parts, [
    parts.healthPath,
    parts.readyPath,
    ...ASSET_ROUTES,
    OPERATORS_PATH,
    ...(parts.signIn === undefined ? [] : [SIGN_IN_PATH, SIGN_OUT_PATH, parts.signIn.callbackPath, parts.signIn.backChannelLogoutPath]),
  ]);
  await application.register(cookie);
  await application.register(formbody);
  await application.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        // Browsers hold the redirect after a form against it too, and signing out leads to the provider.
        formAction: ["'self'", ...(parts.signIn === undefined ? [] : [parts.signIn.providerOrigin])],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: "deny" },
    // Whoever ends TLS says how long it must be used.
    strictTransportSecurity: false,
    // Not "no-referrer": browsers would then send forms with `Origin: null`, which is refused.
    referrerPolicy: { policy: "same-origin" },
  });

  application.setErrorHandler<FastifyError>(sendError);
  application.setNotFoundHandler((request, reply) =>
    reply.code(404).header("cache-control", "no-store").type("text/html; charset=utf-8").send(errorPage(parts.assets, 404, request.id)),
  );

  addHealthRoutes(application, parts);
  serveAssets(application, parts.assets);
  addDisplayForm(application, parts);
  addPrivacyNotice(application, { ...parts, canSignIn: parts.signIn !== undefined });
  const { diary, privacy } = parts;
  if (privacy !== undefined) {
    addPrivacyPages(application, parts, privacy);
    addOperatorsPage(application, parts, privacy);
  }
  if (diary !== undefined) addDiaryPages(application, { ...parts, diary });
  await application.register(async (revalidated) => {
    // Weak: the proxy compresses, so that the same answer has other bytes for another browser.
    await revalidated.register(etag, { algorithm: "sha256", weak: true });
    addLandingPage(revalidated, parts);
    if (diary !== undefined) addDiaryApi(revalidated, { ...parts, diary });
  });
  if (parts.signIn !== undefined) addSignIn(application, parts, parts.signIn);
  return application;
}
