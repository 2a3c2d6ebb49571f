import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { IncomingMessage } from "node:http";
import type { ServerResponse } from "node:http";

import type { Provider } from "oidc-provider";
import type { Logger } from "pino";

import type { Accounts } from "./accounts.ts";
import { readBody, sendPage } from "./forms.ts";
import { messagePage } from "./pages.ts";
import { FLOW_PATH, applicationPath, clientsOf, createProvider, pathsOf, sharedPaths } from "./provider.ts";
import type { Settings } from "./settings.ts";
import type { Store } from "./store.ts";

declare module "oidc-provider" {
  interface Client {
    /** Tells the client that a session ended (OpenID Connect Back-Channel Logout 1.0); the published types lack it. */
    backchannelLogout(accountId: string, sid: string | undefined): Promise<void>;
  }
}

/** A provider for each client, since each has an issuer of its own as at Authentik; whoever is signed in at one is at all. */
export interface Providers {
  /** What every token is signed with. */
  readonly key: KeyObject;
  of(client: string): Provider | undefined;
  /** The provider that sent a person to sign in with this request. */
  ofInteraction(url: URL): Provider | undefined;
  /** Answers a request for one of Authentik's paths of OpenID Connect. */
  answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
  /** Calls when somebody signs out at any of them, with the id of the session that ended. */
  onSignOut(listener: (sessionUid: string) => void): void;
  /** Ends every session of an account, and tells the applications as for a sign-out. */
  endAllOf(accountId: string): void;
}

/** The same request once more, now that its body was read. */
function withBody(request: IncomingMessage, body: Buffer): IncomingMessage {
  const copy = new IncomingMessage(request.socket);
  copy.method = request.method ?? "POST";
  copy.url = request.url ?? "/";
  copy.headers = request.headers;
  copy.push(body);
  copy.push(null);
  // Otherwise the connection is taken for one that broke off.
  copy.complete = true;
  return copy;
}

/** Which client a request for tokens is from: said in its form, or by HTTP Basic. */
function clientOfToken(request: IncomingMessage, body: Buffer): string {
  const [scheme, credentials = ""] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() === "basic") return decodeURIComponent(Buffer.from(credentials, "base64").toString().split(":")[0] ?? "");
  return new URLSearchParams(body.toString()).get("client_id") ?? "";
}

/** All providers of the stand-in. What they know ends with the process. */
export function createProviders(settings: Settings, accounts: Accounts, store: Store, logger: Logger): Providers {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = { ...privateKey.export({ format: "jwk" }), kty: "RSA", use: "sig", alg: "RS256" } as const;
  const shared = { accounts, store, jwk, cookieKey: randomBytes(32).toString("base64url") };
  const listeners: ((sessionUid: string) => void)[] = [];
  const sites = new Map(
    [...clientsOf(settings)].map(([id, client]) => {
      const provider = createProvider(settings, client, shared);
      return [id, { id, provider, paths: pathsOf(id), callback: provider.callback() }] as const;
    }),
  );

  const tell = async (client: string, accountId: string, sid: string | undefined): Promise<void> => {
    try {
      const found = await sites.get(client)?.provider.Client.find(client);
      if (found?.backchannelLogoutUri !== undefined) await found.backchannelLogout(accountId, sid);
    } catch (error) {
      logger.warn({ client, code: error instanceof Error ? error.name : "unknown" }, "the application could not be told of a sign-out");
    }
  };

  for (const { id, provider } of sites.values()) {
    provider.on("backchannel.error", (_ctx, error) => logger.warn({ client: id, code: error.name }, "the application could not be told of a sign-out"));
    provider.on("server_error", (_ctx, error) => logger.error({ code: error.name, stack: error.stack?.split("\n").slice(1) }, "request failed"));
    // Each tells its own client; the others belong to the same session and have another issuer.
    provider.on("end_session.success", ({ oidc: { session } }) => {
      if (session?.accountId === undefined) return;
      for (const listener of listeners) listener(session.uid);
      for (const client of Object.keys(session.authorizations ?? {})) if (client !== id) void tell(client, session.accountId, session.sidFor(client));
    });
  }

  const refuse = (response: ServerResponse): void => sendPage(response, 400, messagePage("Dit klopt niet", "Deze toepassing is hier niet bekend."));

  return {
    key: privateKey,
    of: (client) => sites.get(client)?.provider,
    ofInteraction(url) {
      const [uid = ""] = url.pathname.slice(FLOW_PATH.length).split("/");
      const client = store.find("Interaction", uid)?.params?.["client_id"];
      return typeof client === "string" ? sites.get(client)?.provider : undefined;
    },
    onSignOut: (listener) => void listeners.push(listener),
    endAllOf(accountId) {
      for (const { uid, authorizations = {} } of store.sessionsOf(accountId)) {
        if (uid !== undefined) for (const listener of listeners) listener(uid);
        for (const [client, { sid }] of Object.entries(authorizations)) void tell(client, accountId, sid);
      }
      store.forgetAccount(accountId);
    },
    async answer(request, response, url) {
      switch (url.pathname) {
        case sharedPaths.authorize: {
          const site = sites.get(url.searchParams.get("client_id") ?? "");
          if (site === undefined) return refuse(response);
          request.url = site.paths.authorize + url.search;
          return await site.callback(request, response);
        }
        case sharedPaths.token: {
          const body = await readBody(request);
          const site = sites.get(body === undefined ? "" : clientOfToken(request, body));
          if (body === undefined || site === undefined) {
            return void response.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify({ error: "invalid_client" }));
          }
          return await site.callback(withBody(request, body), response);
        }
        case sharedPaths.userinfo: {
          const token = store.find("AccessToken", (request.headers.authorization ?? "").replace(/^bearer /i, ""));
          const site = sites.get(token?.clientId ?? "");
          if (site === undefined) return void response.writeHead(401, { "www-authenticate": 'Bearer error="invalid_token"' }).end();
          return await site.callback(request, response);
        }
        default: {
          const site = [...sites.values()].find(({ id }) => url.pathname.startsWith(applicationPath(id)));
          if (site === undefined) return sendPage(response, 404, messagePage("Deze pagina bestaat niet", "Hier is niets."));
          if (url.pathname === site.paths.discovery) request.url = "/.well-known/openid-configuration";
          if (url.pathname === `${site.paths.endSession}/`) request.url = site.paths.endSession + url.search;
          return await site.callback(request, response);
        }
      }
    },
  };
}
