import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

import type { Logger } from "pino";

import { checkPassword, subjectOf } from "./accounts.ts";
import { readForm, sendPage } from "./forms.ts";
import { OUTPOST_PATH, createOutpost } from "./outpost.ts";
import { messagePage, signInPage } from "./pages.ts";
import { FLOW_PATH, createProvider, pathsOf } from "./provider.ts";
import type { Settings } from "./settings.ts";

/** Answers 200 while the program runs. */
const HEALTH_PATH = "/health";

/** A request that takes longer is cut off, in milliseconds. */
const REQUEST_LIMIT = 15_000;

/** The stand-in's whole site; it listens when it is told to. */
export function createStandIn(settings: Settings, logger: Logger): Server {
  const { provider, key } = createProvider(settings);
  const outpost = createOutpost(settings, provider, key);
  const paths = pathsOf(settings.issuer);

  // Discovery tells the addresses as Authentik writes them: with a slash at their end.
  provider.use(async (ctx, next) => {
    await next();
    const body: unknown = ctx.body;
    if (ctx.path !== "/.well-known/openid-configuration" || typeof body !== "object" || body === null) return;
    const origin = new URL(settings.issuer).origin;
    ctx.body = { ...body, authorization_endpoint: `${origin}${paths.authorize}/`, end_session_endpoint: `${origin}${paths.endSession}/` };
  });

  const answer = provider.callback();

  const signIn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { prompt } = await provider.interactionDetails(request, response);
    if (prompt.name !== "login") return sendPage(response, 400, messagePage("Dit klopt niet", "Hier kun je alleen inloggen."));
    if (request.method !== "POST") return sendPage(response, 200, signInPage(false));
    const form = await readForm(request);
    const account = checkPassword(form?.get("username") ?? "", form?.get("password") ?? "", settings.password);
    if (account === undefined) return sendPage(response, 403, signInPage(true));
    await provider.interactionFinished(request, response, { login: { accountId: subjectOf(account), remember: false } });
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = URL.parse(request.url ?? "/", "http://stand-in");
    if (url === null) return void response.writeHead(400).end();
    if (url.pathname === HEALTH_PATH) return void response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
    if (url.pathname.startsWith(`${OUTPOST_PATH}/`)) return await outpost(request, response, url);
    if (url.pathname.startsWith(FLOW_PATH)) return await signIn(request, response);
    if (url.pathname === "/") return sendPage(response, 200, messagePage("Inlogdienst", "Ga naar de toepassing waar je wilt inloggen."));
    if (url.pathname === paths.discovery) request.url = "/.well-known/openid-configuration";
    for (const path of [paths.authorize, paths.endSession]) if (url.pathname === `${path}/`) request.url = path + url.search;
    await answer(request, response);
  };

  provider.on("backchannel.error", (_ctx, error) => logger.warn({ code: error.name }, "the application could not be told of a sign-out"));
  provider.on("server_error", (_ctx, error) => logger.error({ code: error.name, stack: error.stack?.split("\n").slice(1) }, "request failed"));
  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      logger.info({ code: error instanceof Error ? error.name : "unknown" }, "request refused");
      if (response.headersSent) response.destroy();
      else sendPage(response, 400, messagePage("Dit inloggen is verlopen", "Ga terug naar de toepassing en begin opnieuw."));
    });
  });
  server.requestTimeout = REQUEST_LIMIT;
  return server;
}
