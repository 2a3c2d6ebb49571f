/** How people sign in and out: identification, password, second factor, session. */
import { entry, type Entry } from "./entry.ts";
import { privilegedGroups } from "./groups.ts";
import { findFlow, flow, own, step } from "./stages.ts";
import { keyOf } from "./tags.ts";
import type { Blueprint } from "./text.ts";

/**
 * How bad an address's or a name's reputation may get before it is refused. A wrong password costs one point, and since
 * 2025.4 no score goes below -5 (Authentik's documentation, policies/reputation): so after five.
 */
const worstReputation = -5;

const privileged = { groups: privilegedGroups } as const;
const everybodyElse = { groups: privilegedGroups, except: true } as const;

/** Setting up a second factor, each in a flow of its own, so that no flow of Authentik's is edited. */
const factors: readonly Entry[] = [
  flow("totp-setup", "Authenticator-app instellen", "stage_configuration", "require_authenticated"),
  flow("webauthn-setup", "Beveiligingssleutel of passkey instellen", "stage_configuration", "require_authenticated"),
  flow("recovery-codes", "Herstelcodes maken", "stage_configuration", "require_authenticated"),
  entry("authentik_stages_authenticator_totp.authenticatortotpstage", {
    id: own("totp"),
    identifiers: { name: own("totp") },
    attrs: { friendly_name: "Authenticator-app", digits: "6", configure_flow: keyOf(own("totp-setup")) },
  }),
  entry("authentik_stages_authenticator_webauthn.authenticatorwebauthnstage", {
    id: own("webauthn"),
    identifiers: { name: own("webauthn") },
    attrs: { friendly_name: "Beveiligingssleutel of passkey", user_verification: "preferred", resident_key_requirement: "preferred", configure_flow: keyOf(own("webauthn-setup")) },
  }),
  entry("authentik_stages_authenticator_static.authenticatorstaticstage", {
    id: own("static"),
    identifiers: { name: own("static") },
    attrs: { friendly_name: "Herstelcodes", token_count: 6, token_length: 12, configure_flow: keyOf(own("recovery-codes")) },
  }),
  ...step("totp-setup", "totp", 10),
  ...step("webauthn-setup", "webauthn", 10),
  ...step("recovery-codes", "static", 10),
];

/** Asked of everybody who has one; those who can do damage must set one up before they go on. */
const secondFactor: readonly Entry[] = [
  entry("authentik_stages_authenticator_validate.authenticatorvalidatestage", {
    id: own("second-factor-required"),
    identifiers: { name: own("second-factor-required") },
    attrs: {
      not_configured_action: "configure",
      configuration_stages: [keyOf(own("totp")), keyOf(own("webauthn"))],
      device_classes: ["totp", "webauthn", "static"],
      webauthn_user_verification: "preferred",
      last_auth_threshold: "seconds=0",
    },
  }),
  entry("authentik_stages_authenticator_validate.authenticatorvalidatestage", {
    id: own("second-factor-offered"),
    identifiers: { name: own("second-factor-offered") },
    attrs: { not_configured_action: "skip", device_classes: ["totp", "webauthn", "static"], webauthn_user_verification: "preferred", last_auth_threshold: "seconds=0" },
  }),
];

/** Who can do damage signs in again every four hours, a member every day; a member may stay signed in for two weeks. */
const sessions: readonly Entry[] = [
  entry("authentik_stages_user_login.userloginstage", {
    id: own("session-privileged"),
    identifiers: { name: own("session-privileged") },
    attrs: { session_duration: "hours=4", remember_me_offset: "seconds=0", network_binding: "no_binding", geoip_binding: "no_binding" },
  }),
  entry("authentik_stages_user_login.userloginstage", {
    id: own("session"),
    identifiers: { name: own("session") },
    attrs: { session_duration: "days=1", remember_me_offset: "days=13", network_binding: "no_binding", geoip_binding: "no_binding" },
  }),
];

/** Guessing is refused before the password is asked. */
const bruteForce: readonly Entry[] = [
  entry("authentik_policies_reputation.reputationpolicy", { id: own("bad-reputation"), identifiers: { name: own("bad-reputation") }, attrs: { check_ip: true, check_username: true, threshold: worstReputation } }),
  entry("authentik_stages_deny.denystage", { id: own("refused"), identifiers: { name: own("refused") }, attrs: { deny_message: "Te veel mislukte pogingen. Wacht een uur, of stel een nieuw wachtwoord in." } }),
  ...step("authentication", "refused", 15),
  // The policy passes where the reputation is bad: only then is the stage that refuses part of the flow.
  entry("authentik_policies.policybinding", {
    identifiers: { target: keyOf(own("authentication-refused")), policy: keyOf(own("bad-reputation")) },
    attrs: { order: 0, enabled: true, negate: false, timeout: 30, failure_result: false },
  }),
];

export const authenticationBlueprint: Blueprint = {
  name: "JLAM authentication",
  entries: [
    flow("authentication", "Welkom bij JLAM", "authentication", "none"),
    ...factors,
    ...secondFactor,
    ...sessions,
    entry("authentik_stages_password.passwordstage", {
      id: own("password"),
      identifiers: { name: own("password") },
      attrs: { backends: ["authentik.core.auth.InbuiltBackend"], failed_attempts_before_cancel: 5, allow_show_password: true },
    }),
    entry("authentik_stages_identification.identificationstage", {
      id: own("identification"),
      identifiers: { name: own("identification") },
      attrs: {
        user_fields: ["email", "username"],
        case_insensitive_matching: true,
        // Who is a member of a health platform is nobody's business.
        show_matched_user: false,
        pretend_user_exists: true,
        enrollment_flow: findFlow("enrolment"),
        recovery_flow: findFlow("recovery"),
        sources: [],
      },
    }),
    ...step("authentication", "identification", 10),
    ...bruteForce,
    ...step("authentication", "password", 20),
    ...step("authentication", "second-factor-required", 30, privileged),
    ...step("authentication", "second-factor-offered", 40, everybodyElse),
    ...step("authentication", "session-privileged", 100, privileged),
    ...step("authentication", "session", 110, everybodyElse),
    flow("sign-out", "Uitloggen", "invalidation", "none"),
    entry("authentik_stages_user_logout.userlogoutstage", { id: own("end-session"), identifiers: { name: own("end-session") } }),
    ...step("sign-out", "end-session", 10),
    // Both are named by applications: access needs no question, and who leaves one of ours leaves all of them.
    flow("authorization", "Doorgaan", "authorization", "require_authenticated"),
    flow("application-sign-out", "Uitloggen", "invalidation", "none"),
    ...step("application-sign-out", "end-session", 10),
  ],
};
