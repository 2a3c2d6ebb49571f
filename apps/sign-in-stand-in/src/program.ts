import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

import type { Logger } from "pino";

import { createAccounts } from "./accounts.ts";
import { API_PATH, createAuthentikApi } from "./authentik-api.ts";
import { createFlow } from "./flow.ts";
import { sendPage } from "./forms.ts";
import { OUTPOST_PATH, createOutpost } from "./outpost.ts";
import { messagePage } from "./pages.ts";
import { FLOW_PATH } from "./provider.ts";
import { createProviders } from "./providers.ts";
import type { Settings } from "./settings.ts";
import { createStore } from "./store.ts";

/** Answers 200 while the program runs; as Authentik's. */
const HEALTH_PATH = "/-/health/live/";

/** A request that takes longer is cut off, in milliseconds. */
const REQUEST_LIMIT = 15_000;

/** The stand-in's whole site; it listens when it is told to. */
export function createStandIn(settings: Settings, logger: Logger): Server {
  const accounts = createAccounts(settings.password);
  const store = createStore();
  const providers = createProviders(settings, accounts, store, logger);
  const flow = createFlow(accounts, providers);
  const outpost = createOutpost(settings, accounts, providers);
  const tokens = settings.clients.flatMap(({ accountsToken }) => (accountsToken === undefined ? [] : [accountsToken]));
  const api = createAuthentikApi(accounts, tokens, ({ uuid }) => providers.endAllOf(uuid));

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = URL.parse(request.url ?? "/", "http://stand-in");
    if (url === null) return void response.writeHead(400).end();
    if (url.pathname === HEALTH_PATH) return void response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
    if (url.pathname.startsWith(`${OUTPOST_PATH}/`)) return await outpost(request, response, url);
    if (url.pathname.startsWith(FLOW_PATH)) return await flow(request, response, url);
    if (url.pathname.startsWith(API_PATH)) return api(request, response, url);
    if (url.pathname === "/") return sendPage(response, 200, messagePage("Inlogdienst", "Ga naar de toepassing waar je wilt inloggen."));
    await providers.answer(request, response, url);
  };

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
