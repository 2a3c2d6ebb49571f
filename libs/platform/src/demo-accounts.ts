/** Accounts for demonstrations: the stand-in for Authentik knows them, and the local database holds a month of their diaries. */

/** Somebody who doesn't exist. */
export interface DemoAccount {
  /** What the identity provider says in `sub`, as Authentik's `sub_mode: user_uuid`. Fixed, so that seeded diaries find their owner. */
  readonly uuid: string;
  readonly username: string;
  readonly name: string;
  readonly groups: readonly string[];
}

/** Each may do what their group may, so that every door can be tried from both sides. */
export const demoAccounts: readonly DemoAccount[] = [
  { uuid: "6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b01", username: "member", name: "Noor de Vries", groups: ["members"] },
  { uuid: "6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b02", username: "other-member", name: "Sam Bakker", groups: ["members"] },
  { uuid: "6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b03", username: "operator", name: "Olga Operator", groups: ["operators"] },
  { uuid: "6f1c1d9e-4b0a-4c57-9a3e-0d5a7c1e8b04", username: "administrator", name: "Ad Beheer", groups: ["administrators", "operators"] },
];
