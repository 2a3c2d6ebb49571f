/** The groups of people, and the first administrator. */
import { entry, type Entry } from "./entry.ts";
import { keyOf } from "./tags.ts";
import type { Blueprint } from "./text.ts";

/** Groups that services can let in. Administrators may do everything in Authentik; operators look after services; members use them. */
export const groups = ["administrators", "operators", "members"] as const;
/** Those who can do damage have to prove themselves twice. */
export const privilegedGroups = ["administrators", "operators"] as const;

const group = (name: (typeof groups)[number]): Entry => entry("authentik_core.group", { id: name, identifiers: { name }, attrs: { is_superuser: name === "administrators" } });

/** Authentik's own account, which its first start would else make with a name and a group of its own, and without a password. */
export const firstAdministrator = "akadmin";

const administratorEntry = entry("authentik_core.user", {
  identifiers: { username: firstAdministrator },
  attrs: { name: "Eerste beheerder", groups: [keyOf("administrators")], is_active: true },
});

export const groupsBlueprint: Blueprint = { name: "JLAM groups", entries: [...groups.map(group), administratorEntry] };
