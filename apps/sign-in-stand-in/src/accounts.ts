import { createHash, timingSafeEqual } from "node:crypto";

/** Somebody who exists for demonstrations only. */
export interface DemoAccount {
  readonly username: string;
  readonly name: string;
  readonly groups: readonly string[];
}

/** Each may do what their group may, so that every door can be tried from both sides. */
export const demoAccounts: readonly DemoAccount[] = [
  { username: "member", name: "Noor de Vries", groups: ["members"] },
  { username: "other-member", name: "Sam Bakker", groups: ["members"] },
  { username: "operator", name: "Olga Operator", groups: ["operators"] },
  { username: "administrator", name: "Ad Beheer", groups: ["administrators", "operators"] },
];

/** As Authentik's default subject: 64 hexadecimal digits that say nothing about the person. */
export const subjectOf = (account: DemoAccount): string => createHash("sha256").update(`sign-in-stand-in:${account.username}`).digest("hex");

export const accountOf = (subject: string): DemoAccount | undefined => demoAccounts.find((account) => subjectOf(account) === subject);

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** The account of this name, if `given` is the password of the demo accounts. */
export function checkPassword(username: string, given: string, password: string): DemoAccount | undefined {
  const right = timingSafeEqual(digest(given), digest(password));
  return right ? demoAccounts.find((account) => account.username === username) : undefined;
}

/** What Authentik's scopes `profile` and `email` tell. */
export const claimsOf = (account: DemoAccount) => ({
  sub: subjectOf(account),
  name: account.name,
  preferred_username: account.username,
  nickname: account.username,
  groups: [...account.groups],
  email: `${account.username}@example.invalid`,
  email_verified: false,
});
