import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Account, Accounts } from "./accounts.ts";

/** Where Authentik's API knows people. */
export const USERS_PATH = "/api/v3/core/users/";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const userOf = ({ pk, uuid, username, name, email }: Account) => ({ pk, uuid, username, name, email, is_active: true });

/** As Authentik answers a list: everything on one page. */
const listOf = (accounts: readonly Account[]) => ({
  pagination: { next: 0, previous: 0, count: accounts.length, current: 1, total_pages: 1, start_index: 1, end_index: accounts.length },
  results: accounts.map(userOf),
});

/**
 * The part of Authentik's API by which an application has an account erased: finding its number by its uuid, and
 * deleting it. `tokens` are those that may do so; `erased` is told of each account that is gone.
 */
export function createAuthentikApi(accounts: Accounts, tokens: readonly string[], erased: (account: Account) => void) {
  const allowed = tokens.map(digest);
  const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify(body));
  };
  return (request: IncomingMessage, response: ServerResponse, url: URL): void => {
    const given = digest((request.headers.authorization ?? "").replace(/^bearer /i, ""));
    if (!allowed.some((token) => timingSafeEqual(token, given))) return json(response, 403, { detail: "Authentication credentials were not provided." });
    const [, number] = /^(\d{1,9})\/$/.exec(url.pathname.slice(USERS_PATH.length)) ?? [];
    if (request.method === "DELETE" && number !== undefined) {
      const account = accounts.erase(Number(number));
      if (account === undefined) return json(response, 404, { detail: "No User matches the given query." });
      erased(account);
      return void response.writeHead(204).end();
    }
    const uuid = url.searchParams.get("uuid");
    if (request.method === "GET" && url.pathname === USERS_PATH && uuid !== null) {
      const found = accounts.withUuid(uuid);
      return json(response, 200, listOf(found === undefined ? [] : [found]));
    }
    json(response, 404, { detail: "The stand-in only finds people by uuid and deletes them." });
  };
}
