import { z } from "zod";

import type { AccountsSettings } from "../settings/privacy-settings.ts";
import { readSecretFile } from "../settings/secret-file.ts";

/** The account could not be removed; whoever asked tries again later. */
class AccountNotRemoved extends Error {
  override readonly name = "AccountNotRemoved";
}

/** Accounts of the identity provider. Every function throws {@link AccountNotRemoved} when it doesn't answer, refuses, or answers something else than was asked. */
export interface AccountsAtProvider {
  /** By which names the provider's log may know the person, besides the subject; none when the account is gone. */
  names(subject: string): Promise<readonly string[]>;
  /** Removes the account, and from the provider's log what names the person. What isn't there is removed already. */
  remove(subject: string, names: readonly string[]): Promise<void>;
  /**
   * Removes everybody whose subject `isErased` knows, for when the provider's own database was restored.
   *
   * @returns how many there were; those removed before a failure stay removed
   */
  removeWhere(isErased: (subject: string) => boolean): Promise<number>;
}

/** Longest time for one answer, in milliseconds; nobody waits for it. */
const ANSWER_LIMIT = 10_000;

/** Most rows of one answer. */
const PAGE_SIZE = 100;

/** Most pages of one search: far more than one person causes, and an end where a search doesn't narrow anything. */
const MOST_PAGES = 200;

const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({
    /** 0 on the last page. */
    pagination: z.object({ next: z.int() }),
    results: z.array(row),
  });
const usersSchema = pageOf(z.object({ pk: z.int(), uuid: z.uuid(), username: z.string(), email: z.string() }));
const eventsSchema = pageOf(z.looseObject({ pk: z.uuid() }));
const scoresSchema = pageOf(z.object({ pk: z.uuid(), identifier: z.string() }));
type User = z.output<typeof usersSchema>["results"][number];

const namesOf = ({ username, email }: User): readonly string[] => [username, email].filter((name) => name !== "");

/** Whole words of a text, addresses of mail among them. */
const wordsOf = (text: string): readonly string[] => text.split(/[^\w.@+-]+/).map((word) => word.replace(/\.+$/, ""));

/** Whether a value, however deep, is one of the names or says it as a word of its own: "jan" isn't "jan.de.vries". */
function namesAny(value: unknown, names: ReadonlySet<string>): boolean {
  if (typeof value === "string") return [value, ...wordsOf(value)].some((text) => names.has(text.toLowerCase()));
  return typeof value === "object" && value !== null && Object.values(value).some((part) => namesAny(part, names));
}

/** Removes accounts by Authentik's API, which knows this program by a token that may do little else. */
export function createAccountsAtProvider(settings: AccountsSettings): AccountsAtProvider {
  const ask = async (path: string, method: "GET" | "DELETE"): Promise<Response> => {
    const token = await readSecretFile("OIDC_ACCOUNTS_TOKEN_FILE", settings.tokenFile);
    const headers = { accept: "application/json", authorization: `Bearer ${token}` };
    return await fetch(`${settings.api}${path}`, { method, headers, redirect: "error", signal: AbortSignal.timeout(ANSWER_LIMIT) });
  };
  /** Every row of a list. All pages are read before the first removal, which would move rows between them. */
  const list = async <Row>(schema: z.ZodType<{ pagination: { next: number }; results: Row[] }>, path: string, query: Readonly<Record<string, string>>): Promise<readonly Row[]> => {
    const rows: Row[] = [];
    for (let page = 1, pages = 0; page !== 0; pages += 1) {
      if (pages === MOST_PAGES) throw new AccountNotRemoved(`${path} has more than ${MOST_PAGES} pages`);
      const asked = new URLSearchParams({ ...query, page: String(page), page_size: String(PAGE_SIZE) }).toString();
      const answer = await ask(`${path}?${asked}`, "GET");
      if (answer.status !== 200) throw new AccountNotRemoved(`${path} was answered with status ${answer.status}`);
      const { results, pagination } = schema.parse(await answer.json());
      rows.push(...results);
      page = pagination.next;
    }
    return rows;
  };
  const drop = async (path: string, pk: number | string): Promise<void> => {
    const { status } = await ask(`${path}${pk}/`, "DELETE");
    if (status !== 204 && status !== 404) throw new AccountNotRemoved(`a removal from ${path} was answered with status ${status}`);
  };
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof AccountNotRemoved ? error : new AccountNotRemoved("the provider did not answer as it should", { cause: error });
    }
  };

  const search = async (subject: string): Promise<readonly User[]> => {
    if (!z.uuid().safeParse(subject).success) throw new AccountNotRemoved("the subject is not the account's UUID");
    const users = await list(usersSchema, "/core/users/", { uuid: subject });
    // A provider that doesn't know this filter would answer with everybody.
    if (users.some(({ uuid }) => uuid !== subject)) throw new AccountNotRemoved("the search found somebody else");
    return users;
  };
  const removeFromLog = async (subject: string, names: readonly string[]): Promise<void> => {
    const texts = [...names, subject, subject.replaceAll("-", "")];
    const exactly = new Set(texts.map((text) => text.toLowerCase()));
    for (const text of texts) {
      const events = await list(eventsSchema, "/events/events/", { search: text });
      // The search also finds parts of words, and with them events of other people.
      for (const { pk, ...event } of events) if (namesAny(event, exactly)) await drop("/events/events/", pk);
    }
    if (names.length === 0) return;
    const scores = await list(scoresSchema, "/policies/reputation/scores/", { identifier_in: names.join(",") });
    for (const { pk, identifier } of scores) if (exactly.has(identifier.toLowerCase())) await drop("/policies/reputation/scores/", pk);
  };
  const remove = async (subject: string, names: readonly string[]): Promise<void> => {
    for (const { pk } of await search(subject)) await drop("/core/users/", pk);
    // After the account, whose removal is an event that names it.
    await removeFromLog(subject, names);
  };

  return {
    names: (subject) => explained(async () => (await search(subject)).flatMap(namesOf)),
    remove: (subject, names) => explained(() => remove(subject, names)),
    removeWhere: (isErased) =>
      explained(async () => {
        const found = (await list(usersSchema, "/core/users/", {})).filter(({ uuid }) => isErased(uuid));
        for (const user of found) await remove(user.uuid, namesOf(user));
        return found.length;
      }),
  };
}
