/** A provider's API of accounts, as far as erasing needs it, on a free port of 127.0.0.1. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";

/** Somebody with an account at the provider. */
export interface Person {
  readonly uuid: string;
  readonly name: string;
  readonly username: string;
  readonly email: string;
}

/** An account as a test makes it. */
export const newPerson = (name: string, uuid: string = randomUUID()): Person => {
  const username = `${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}-${uuid.slice(0, 8)}`;
  return { uuid, name, username, email: `${username}@example.nl` };
};

/** The provider's API of accounts, as far as erasing needs it. */
export interface TestAccounts {
  readonly api: string;
  /** Accounts by their number. */
  readonly users: Map<number, Person>;
  /** What its log says, by the number of the event. */
  readonly events: Map<string, unknown>;
  /** Whom it trusts how much, by the number of the score. */
  readonly scores: Map<string, string>;
  /** Answers nothing but this status. */
  status: number | undefined;
  /** Answers questions about its log with this status. */
  logStatus: number | undefined;
  /** Answers a search by uuid with everybody, as a provider does that doesn't know the filter. */
  forgetful: boolean;
  /** Answers nothing before this. */
  hold: Promise<unknown> | undefined;
  stop(): Promise<void>;
}

/** What its callers show. */
export const ACCOUNTS_TOKEN = "token-only-for-this-test";

/** Starts it on a free port of 127.0.0.1. Two accounts make a page. */
export async function startAccounts(): Promise<TestAccounts> {
  const users = new Map<number, Person>();
  const events = new Map<string, unknown>();
  const scores = new Map<string, string>();
  const server = createServer((request, response) => void handle(request, response));
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    await accounts.hold;
    const url = new URL(request.url ?? "/", "http://accounts");
    const answer = (status: number, body?: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(body === undefined ? undefined : JSON.stringify(body));
    };
    if (accounts.status !== undefined) return answer(accounts.status, {});
    if (request.headers.authorization !== `Bearer ${ACCOUNTS_TOKEN}`) return answer(403, {});
    const [, kind, pk] = /^\/api\/v3\/(core\/users|events\/events|policies\/reputation\/scores)\/(?:([\w-]+)\/)?$/.exec(url.pathname) ?? [];
    const page = Number(url.searchParams.get("page") ?? 1);
    const list = (all: readonly object[]): void =>
      answer(200, { pagination: { next: all.length > page * 2 ? page + 1 : 0 }, results: all.slice(page * 2 - 2, page * 2) });
    switch (kind) {
      case "core/users": {
        if (request.method === "DELETE" && pk !== undefined) {
          const user = users.get(Number(pk));
          if (user !== undefined) events.set(randomUUID(), { action: "model_deleted", context: { model: { name: user.username } } });
          return answer(users.delete(Number(pk)) ? 204 : 404);
        }
        const uuid = accounts.forgetful ? null : url.searchParams.get("uuid");
        return list([...users].filter(([, user]) => uuid === null || user.uuid === uuid).map(([number, user]) => ({ pk: number, ...user })));
      }
      case "events/events": {
        if (accounts.logStatus !== undefined) return answer(accounts.logStatus, {});
        if (request.method === "DELETE" && pk !== undefined) return answer(events.delete(pk) ? 204 : 404);
        const text = url.searchParams.get("search") ?? "";
        return list([...events].filter(([, event]) => JSON.stringify(event).toLowerCase().includes(text.toLowerCase())).map(([number, event]) => ({ pk: number, event })));
      }
      case "policies/reputation/scores":
        if (request.method === "DELETE" && pk !== undefined) return answer(scores.delete(pk) ? 204 : 404);
        return list([...scores].map(([number, identifier]) => ({ pk: number, identifier, score: -5 })));
      default:
        return answer(404, {});
    }
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port is free");
  const accounts: TestAccounts = {
    api: `http://127.0.0.1:${address.port}/api/v3`,
    users,
    events,
    scores,
    status: undefined,
    logStatus: undefined,
    forgetful: false,
    hold: undefined,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return accounts;
}
