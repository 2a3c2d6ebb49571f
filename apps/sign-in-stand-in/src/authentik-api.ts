import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Account, Accounts } from "./accounts.ts";

/** Where Authentik's API begins. */
export const API_PATH = "/api/v3/";

const USERS = `${API_PATH}core/users/`;

/** What is kept elsewhere about a person; the stand-in writes neither down, so there is never any. */
const EVENTS = `${API_PATH}events/events/`;
const SCORES = `${API_PATH}policies/reputation/scores/`;

/** All that a list of people can be asked with. */
const filters = ["uuid", "page", "page_size"];

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const userOf = ({ pk, uuid, username, name, email }: Account) => ({ pk, uuid, username, name, email, is_active: true });

/** As Authentik answers a list: everything on one page. */
const listOf = <T>(results: readonly T[]) => ({
  pagination: { next: 0, previous: 0, count: results.length, current: 1, total_pages: 1, start_index: results.length === 0 ? 0 : 1, end_index: results.length },
  results,
});

/**
 * The part of Authentik's API by which an application has an account erased: finding its number by its uuid, deleting
 * it, and looking for what is kept about the person elsewhere. `tokens` are those that may do so; `erased` is told of
 * each account that is gone.
 */
export function createAuthentikApi(accounts: Accounts, tokens: readonly string[], erased: (account: Account) => void) {
  const allowed = tokens.map(digest);
  const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify(body));
  };

  const remove = (response: ServerResponse, path: string): void => {
    const [, number] = /^(\d{1,9})\/$/.exec(path.startsWith(USERS) ? path.slice(USERS.length) : "") ?? [];
    const account = number === undefined ? undefined : accounts.erase(Number(number));
    if (account === undefined) return json(response, 404, { detail: "No User matches the given query." });
    erased(account);
    response.writeHead(204).end();
  };

  const find = (response: ServerResponse, { pathname, searchParams }: URL): void => {
    const uuid = searchParams.get("uuid");
    if (pathname === EVENTS || pathname === SCORES) return json(response, 200, listOf([]));
    if (pathname !== USERS) return json(response, 404, { detail: "Not found." });
    // Authentik passes over filters that it doesn't know; answering with everybody would hide that from tests.
    if ([...searchParams.keys()].some((name) => !filters.includes(name))) return json(response, 404, { detail: `The stand-in finds people by ${filters.join(", ")} only.` });
    const found = uuid === null ? accounts.all() : [accounts.withUuid(uuid)].filter((account) => account !== undefined);
    json(response, 200, listOf(found.map(userOf)));
  };

  return (request: IncomingMessage, response: ServerResponse, url: URL): void => {
    const given = digest((request.headers.authorization ?? "").replace(/^bearer /i, ""));
    if (!allowed.some((token) => timingSafeEqual(token, given))) return json(response, 403, { detail: "Authentication credentials were not provided." });
    switch (request.method) {
      case "GET":
        return find(response, url);
      case "DELETE":
        return remove(response, url.pathname);
      default:
        return json(response, 405, { detail: "The stand-in finds and deletes only." });
    }
  };
}
