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
}

/** Longest time for one answer, in milliseconds; nobody waits for it. */
const ANSWER_LIMIT = 10_000;

const usersSchema = z.object({ results: z.array(z.object({ pk: z.int(), uuid: z.uuid() })) });

/** Removes accounts by Authentik's API, as which the provider knows the bearer of a token that may do nothing else. */
export function createAccountsAtProvider(settings: AccountsSettings): AccountsAtProvider {
  const ask = async (path: string, method: "GET" | "DELETE"): Promise<Response> => {
    const token = await readSecretFile("OIDC_ACCOUNTS_TOKEN_FILE", settings.tokenFile);
    const headers = { accept: "application/json", authorization: `Bearer ${token}` };
    return await fetch(`${settings.api}${path}`, { method, headers, redirect: "error", signal: AbortSignal.timeout(ANSWER_LIMIT) });
  };

  const remove = async (subject: string): Promise<void> => {
    if (!z.uuid().safeParse(subject).success) throw new AccountNotRemoved("the subject is not the account's UUID");
    const found = await ask(`/core/users/?uuid=${subject}`, "GET");
    if (found.status !== 200) throw new AccountNotRemoved(`the search was answered with status ${found.status}`);
    const { results } = usersSchema.parse(await found.json());
    // A provider that doesn't know this filter would answer with everybody.
    if (results.some(({ uuid }) => uuid !== subject)) throw new AccountNotRemoved("the search found somebody else");
    for (const { pk } of results) {
      const removed = await ask(`/core/users/${pk}/`, "DELETE");
      if (removed.status !== 204 && removed.status !== 404) throw new AccountNotRemoved(`the removal was answered with status ${removed.status}`);
    }
  };

  return {
    async remove(subject) {
      try {
        await remove(subject);
      } catch (error) {
        throw error instanceof AccountNotRemoved ? error : new AccountNotRemoved("the provider did not answer as it should", { cause: error });
      }
    },
  };
}
