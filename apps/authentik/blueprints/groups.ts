/** The groups of people, and the first administrator. */
import { entry, type Entry } from "./entry.ts";
import { fileOf, keyOf } from "./tags.ts";
import type { Blueprint } from "./text.ts";

/** Groups that services can let in. Administrators may do everything in Authentik; operators look after services; members use them. */
export const groups = ["administrators", "operators", "members"] as const;
/** Those who can do damage have to prove themselves twice. */
export const privilegedGroups = ["administrators", "operators"] as const;

/** Name of the secret that holds the first administrator's password. */
export const administratorPassword = "ADMINISTRATOR_PASSWORD";

const group = (name: (typeof groups)[number]): Entry => entry("authentik_core.group", { id: name, identifiers: { name }, attrs: { is_superuser: name === "administrators" } });

/**
 * Authentik's own account `akadmin`, with the password from its file. It is kept so, not only created: Authentik's
 * start-up makes the account first, without a password, and as long as it has none whoever comes by may set one.
 * Changing the password means replacing the secret.
 */
const firstAdministrator = entry("authentik_core.user", {
  identifiers: { username: "akadmin" },
  attrs: { name: "Eerste beheerder", password: fileOf(`/run/secrets/${administratorPassword}`), groups: [keyOf("administrators")], is_active: true },
});

export const groupsBlueprint: Blueprint = { name: "JLAM groups", entries: [...groups.map(group), firstAdministrator] };
