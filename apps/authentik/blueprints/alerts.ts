/** What administrators are told by mail: attacks, errors, and changes of who may do what. */
import { entry, type Attributes, type Entry } from "./entry.ts";
import { findGroup, own } from "./stages.ts";
import { keyOf, type Tag } from "./tags.ts";
import type { Blueprint } from "./text.ts";

type Matcher = Pick<Attributes<"authentik_policies_event_matcher.eventmatcherpolicy">, "action" | "model">;
interface Watched {
  readonly name: string;
  readonly severity: NonNullable<Exclude<Attributes<"authentik_events.notificationrule">["severity"], Tag>>;
  readonly matches: readonly Matcher[];
}

/** Objects that decide who gets in. Others change with every sign-in, and a mail for each would be read by nobody. */
const guarded = ["authentik_flows.flow", "authentik_flows.flowstagebinding", "authentik_policies.policybinding", "authentik_core.group", "authentik_core.application"] as const;

const watched: readonly Watched[] = [
  { name: "failed-sign-in", severity: "notice", matches: [{ action: "login_failed" }] },
  { name: "attack", severity: "alert", matches: [{ action: "suspicious_request" }, { action: "impersonation_started" }] },
  { name: "error", severity: "warning", matches: [{ action: "policy_exception" }, { action: "configuration_error" }] },
  {
    name: "configuration-change",
    severity: "warning",
    matches: guarded.flatMap((model) => [{ action: "model_created", model } as const, { action: "model_updated", model } as const, { action: "model_deleted", model } as const]),
  },
];

const ruleEntries = ({ name, severity, matches }: Watched): readonly Entry[] => [
  entry("authentik_events.notificationrule", {
    id: own(name),
    identifiers: { name: own(name) },
    // Without a group nobody is told.
    attrs: { severity, transports: [keyOf(own("mail"))], destination_group: findGroup("administrators") },
  }),
  ...matches.flatMap((match, order) => {
    const policy = own([name, match.action, match.model].filter((part) => typeof part === "string").join("-").replaceAll(/[._]/g, "-"));
    return [
      entry("authentik_policies_event_matcher.eventmatcherpolicy", { id: policy, identifiers: { name: policy }, attrs: match }),
      entry("authentik_policies.policybinding", { identifiers: { target: keyOf(own(name)), policy: keyOf(policy) }, attrs: { order, enabled: true, negate: false, timeout: 30, failure_result: false } }),
    ];
  }),
];

export const alertsBlueprint: Blueprint = {
  name: "JLAM alerts",
  entries: [
    entry("authentik_events.notificationtransport", {
      id: own("mail"),
      identifiers: { name: own("mail") },
      attrs: { mode: "email", email_subject_prefix: "JLAM aanmelding: ", send_once: false },
    }),
    ...watched.flatMap(ruleEntries),
  ],
};
