/** Service accounts of clients that may erase people's accounts, and nothing else. */
import { absent, entry, type Entry } from "./entry.ts";
import { accountsTokenName, type SignIns } from "./sign-ins.ts";
import { own } from "./stages.ts";
import { fileOf, keyOf } from "./tags.ts";
import type { Blueprint } from "./text.ts";

/**
 * What erasing takes: to find the account by its subject, to delete it, and to delete what Authentik keeps about it
 * beside: events that name it, and scores of its name. Authentik can't limit "delete users" to members.
 */
const permissions = [
  "authentik_core.view_user",
  "authentik_core.delete_user",
  "authentik_events.view_event",
  "authentik_events.delete_event",
  "authentik_policies_reputation.view_reputation",
  "authentik_policies_reputation.delete_reputation",
] as const;

const account = (client: string): string => own(`${client}-accounts`);

function accountEntries(client: string): readonly Entry[] {
  const name = account(client);
  return [
    entry("authentik_rbac.role", { id: `role-${name}`, identifiers: { name }, attrs: { permissions } }),
    // Roles of a group are known to every release, those of a person only to newer ones.
    entry("authentik_core.group", { id: `group-${name}`, identifiers: { name }, attrs: { is_superuser: false, roles: [keyOf(`role-${name}`)] } }),
    entry("authentik_core.user", {
      id: `user-${name}`,
      identifiers: { username: name },
      attrs: { name: `Erases accounts for ${client}`, type: "service_account", path: "service-accounts", groups: [keyOf(`group-${name}`)], is_active: true },
    }),
    entry("authentik_core.token", {
      identifiers: { identifier: name },
      attrs: { user: keyOf(`user-${name}`), intent: "api", key: fileOf(`/run/secrets/${accountsTokenName(client)}`), expiring: false, description: `${client} erases accounts` },
    }),
  ];
}

/** The token goes with its account. */
const withoutAccount = (client: string): readonly Entry[] => [
  absent("authentik_core.user", { username: account(client) }),
  absent("authentik_core.group", { name: account(client) }),
  absent("authentik_rbac.role", { name: account(client) }),
];

/** An account for each client that says `accounts: "erase"`; those of clients that don't, or are `retired`, are removed. */
export const accountsBlueprint = ({ clients }: SignIns, retired: readonly string[]): Blueprint => ({
  name: "JLAM accounts",
  entries: [
    ...clients.filter(({ signIn }) => signIn.accounts === "erase").flatMap(({ name }) => accountEntries(name)),
    ...clients.filter(({ signIn }) => signIn.accounts !== "erase").flatMap(({ name }) => withoutAccount(name)),
    ...retired.flatMap(withoutAccount),
  ],
});
