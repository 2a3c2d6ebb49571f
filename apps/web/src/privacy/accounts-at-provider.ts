import { z } from "zod";

import type { AccountsSettings } from "../settings/privacy-settings.ts";
import { readSecretFile } from "../settings/secret-file.ts";

/** The account could not be removed; whoever asked tries again later. */
export class AccountNotRemoved extends Error {
  override readonly name = "AccountNotRemoved";
}

/** Accounts of the identity provider. */
export interface AccountsAtProvider {
  /**
   * Removes the account of this subject; one that isn't there is removed already.
   *
   * @throws AccountNotRemoved when the provider doesn't answer, refuses, or answers something else than was asked
   */
  remove(subject: string): Promise<void>;
  /**
   * Removes every account whose subject `isErased` knows, for when the provider's own database was restored.
   *
   * @returns how many there were
   * @throws AccountNotRemoved as above; those removed until then stay removed
   */
  removeWhere(isErased: (subject: string) => boolean): Promise<number>;
}

/** Longest time for one answer, in milliseconds; nobody waits for it. */
const ANSWER_LIMIT = 10_000;

const usersSchema = z.object({
  /** 0 on the last page. */
  pagination: z.object({ next: z.int() }),
  results: z.array(z.object({ pk: z.int(), uuid: z.uuid() })),
});
type Users = z.output<typeof usersSchema>;

/** Most accounts of one answer. */
const PAGE_SIZE = 100;

/** Removes accounts by Authentik's API, as which the provider knows the bearer of a token that may do nothing else. */
export function createAccountsAtProvider(settings: AccountsSettings): AccountsAtProvider {
  const ask = async (path: string, method: "GET" | "DELETE"): Promise<Response> => {
    const token = await readSecretFile("OIDC_ACCOUNTS_TOKEN_FILE", settings.tokenFile);
    const headers = { accept: "application/json", authorization: `Bearer ${token}` };
    return await fetch(`${settings.api}${path}`, { method, headers, redirect: "error", signal: AbortSignal.timeout(ANSWER_LIMIT) });
  };

  const search = async (query: string): Promise<Users> => {
    const found = await ask(`/core/users/?${query}`, "GET");
    if (found.status !== 200) throw new AccountNotRemoved(`the search was answered with status ${found.status}`);
    return usersSchema.parse(await found.json());
  };
  const removeUser = async (pk: number): Promise<void> => {
    const removed = await ask(`/core/users/${pk}/`, "DELETE");
    if (removed.status !== 204 && removed.status !== 404) throw new AccountNotRemoved(`the removal was answered with status ${removed.status}`);
  };

  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof AccountNotRemoved ? error : new AccountNotRemoved("the provider did not answer as it should", { cause: error });
    }
  };

  return {
    remove: (subject) =>
      explained(async () => {
        if (!z.uuid().safeParse(subject).success) throw new AccountNotRemoved("the subject is not the account's UUID");
        const { results } = await search(`uuid=${subject}`);
        // A provider that doesn't know this filter would answer with everybody.
        if (results.some(({ uuid }) => uuid !== subject)) throw new AccountNotRemoved("the search found somebody else");
        for (const { pk } of results) await removeUser(pk);
      }),
    removeWhere: (isErased) =>
      explained(async () => {
        const found: number[] = [];
        // All pages before the first removal, which would move the others between them.
        for (let page = 1; page !== 0; ) {
          const { results, pagination } = await search(`page=${page}&page_size=${PAGE_SIZE}`);
          found.push(...results.filter(({ uuid }) => isErased(uuid)).map(({ pk }) => pk));
          page = pagination.next;
        }
        for (const pk of found) await removeUser(pk);
        return found.length;
      }),
  };
}
