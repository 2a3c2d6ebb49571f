import { createHash, randomBytes, randomUUID, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

import { demoAccounts } from "@jlam/platform/demo-accounts";

/** Somebody who can sign in here. */
export interface Account {
  /** Authentik's primary key, which its API deletes by. */
  readonly pk: number;
  /** `sub` in every token, as with Authentik's `sub_mode: user_uuid`. */
  readonly uuid: string;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
}

/** What somebody fills in to get an account; their e-mail address is the name by which they sign in. */
export interface NewAccount {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** Everybody known here, until the process ends. */
export interface Accounts {
  withUuid(uuid: string): Account | undefined;
  /** In the order in which they were made. */
  all(): readonly Account[];
  /** The account of this name, if the password is right. */
  check(username: string, password: string): Promise<Account | undefined>;
  /** Makes an account for a member; undefined when the address has one already. */
  create(account: NewAccount): Promise<Account | undefined>;
  /** Forgets the account with this primary key, and gives what it was. */
  erase(pk: number): Account | undefined;
}

type PasswordCheck = (given: string) => Promise<boolean>;

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const KEY_LENGTH = 32;

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Where a new account belongs: the platform's website is for members. */
const NEW_ACCOUNT_GROUPS: readonly string[] = ["members"];

async function hashed(password: string): Promise<PasswordCheck> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, KEY_LENGTH);
  return async (given) => timingSafeEqual(await derive(given, salt, KEY_LENGTH), key);
}

/** The demo accounts, which share `demoPassword`, and whoever makes one later. */
export function createAccounts(demoPassword: string): Accounts {
  const known = new Map<number, { readonly account: Account; readonly isPassword: PasswordCheck }>();
  let lastKey = 0;

  const add = (account: Omit<Account, "pk">, isPassword: PasswordCheck): Account => {
    lastKey += 1;
    const added = { pk: lastKey, ...account };
    known.set(lastKey, { account: added, isPassword });
    return added;
  };
  const find = (wanted: (account: Account) => boolean) => [...known.values()].find(({ account }) => wanted(account));
  const named = (username: string) => find((account) => account.username === username.toLowerCase());

  for (const account of demoAccounts) {
    add({ ...account, email: `${account.username}@example.invalid` }, (given) => Promise.resolve(timingSafeEqual(digest(given), digest(demoPassword))));
  }
  return {
    all: () => [...known.values()].map(({ account }) => account),
    withUuid: (uuid) => find((account) => account.uuid === uuid)?.account,
    async check(username, password) {
      const entry = named(username);
      return entry !== undefined && (await entry.isPassword(password)) ? entry.account : undefined;
    },
    async create({ name, email, password }) {
      const isPassword = await hashed(password);
      const username = email.toLowerCase();
      if (named(username) !== undefined) return undefined;
      return add({ uuid: randomUUID(), username, name, email: username, groups: NEW_ACCOUNT_GROUPS }, isPassword);
    },
    erase(pk) {
      const account = known.get(pk)?.account;
      known.delete(pk);
      return account;
    },
  };
}

/** What Authentik's scopes `profile` and `email` tell. */
export const claimsOf = (account: Account) => ({
  sub: account.uuid,
  name: account.name,
  preferred_username: account.username,
  nickname: account.username,
  groups: [...account.groups],
  email: account.email,
  email_verified: false,
});
