/** What people do themselves, with a mail that proves who they are: becoming a member, and setting a new password. */
import { confirmationTemplate, newPasswordTemplate } from "../mail-templates.ts";
import { entry, type Entry } from "./entry.ts";
import { findGroup, flow, own, step } from "./stages.ts";
import { keyOf } from "./tags.ts";
import type { Blueprint } from "./text.ts";

const minimumLength = 12;
const tooWeak = `Kies een wachtwoord van minstens ${minimumLength} tekens dat niet makkelijk te raden is.`;

/** Length and guessability; composition rules only teach people to end with an exclamation mark (NIST SP 800-63B, 3.1.1.2). */
const passwordPolicy = entry("authentik_policies_password.passwordpolicy", {
  id: own("password-policy"),
  identifiers: { name: own("password-policy") },
  attrs: {
    password_field: "password",
    check_static_rules: true,
    length_min: minimumLength,
    amount_digits: 0,
    amount_lowercase: 0,
    amount_uppercase: 0,
    amount_symbols: 0,
    check_zxcvbn: true,
    zxcvbn_score_threshold: 2,
    // It would ask a server outside, which the worker can't reach.
    check_have_i_been_pwned: false,
    error_message: tooWeak,
  },
});

type PromptType = "text" | "username" | "email" | "password";
const prompt = (name: string, type: PromptType, label: string, key: string, order: number): Entry =>
  entry("authentik_stages_prompt.prompt", {
    id: own(`prompt-${name}`),
    identifiers: { name: own(`prompt-${name}`) },
    attrs: { field_key: key, label, type, required: true, placeholder: label, placeholder_expression: false, initial_value_expression: false, order },
  });

const mail = (name: string, subject: string, template: string, activates: boolean): Entry =>
  entry("authentik_stages_email.emailstage", {
    id: own(name),
    identifiers: { name: own(name) },
    attrs: { use_global_settings: true, subject, template, activate_user_on_success: activates, token_expiry: "minutes=30" },
  });

const session = entry("authentik_stages_user_login.userloginstage", {
  id: own("session-after-mail"),
  identifiers: { name: own("session-after-mail") },
  attrs: { session_duration: "hours=1", remember_me_offset: "seconds=0" },
});

const enrolment: readonly Entry[] = [
  flow("enrolment", "Word lid van JLAM", "enrollment", "require_unauthenticated"),
  entry("authentik_stages_prompt.promptstage", {
    id: own("enrolment-form"),
    identifiers: { name: own("enrolment-form") },
    attrs: {
      fields: ["name", "email", "username", "password", "password-again"].map((name) => keyOf(own(`prompt-${name}`))),
      validation_policies: [keyOf(own("password-policy"))],
    },
  }),
  entry("authentik_stages_user_write.userwritestage", {
    id: own("new-member"),
    identifiers: { name: own("new-member") },
    // Inactive until the mail is answered: nobody becomes a member with somebody else's address.
    attrs: { user_creation_mode: "always_create", create_users_as_inactive: true, create_users_group: findGroup("members"), user_path_template: "members", user_type: "internal" },
  }),
  mail("enrolment-mail", "Bevestig je e-mailadres voor JLAM", confirmationTemplate, true),
  ...step("enrolment", "enrolment-form", 10),
  ...step("enrolment", "new-member", 20),
  ...step("enrolment", "enrolment-mail", 30),
  ...step("enrolment", "session-after-mail", 100),
];

const recovery: readonly Entry[] = [
  flow("recovery", "Nieuw wachtwoord instellen", "recovery", "require_unauthenticated"),
  entry("authentik_stages_identification.identificationstage", {
    id: own("recovery-identification"),
    identifiers: { name: own("recovery-identification") },
    attrs: { user_fields: ["email", "username"], case_insensitive_matching: true, show_matched_user: false, pretend_user_exists: true, sources: [] },
  }),
  mail("recovery-mail", "Stel een nieuw wachtwoord in voor JLAM", newPasswordTemplate, false),
  entry("authentik_stages_prompt.promptstage", {
    id: own("new-password-form"),
    identifiers: { name: own("new-password-form") },
    attrs: { fields: ["password", "password-again"].map((name) => keyOf(own(`prompt-${name}`))), validation_policies: [keyOf(own("password-policy"))] },
  }),
  entry("authentik_stages_user_write.userwritestage", { id: own("new-password"), identifiers: { name: own("new-password") }, attrs: { user_creation_mode: "never_create" } }),
  ...step("recovery", "recovery-identification", 10),
  ...step("recovery", "recovery-mail", 20),
  ...step("recovery", "new-password-form", 30),
  ...step("recovery", "new-password", 40),
  // No session follows: whoever has the mailbox alone must still pass the second factor by signing in.
];

export const selfServiceBlueprint: Blueprint = {
  name: "JLAM self-service",
  entries: [
    passwordPolicy,
    prompt("name", "text", "Naam", "name", 0),
    prompt("email", "email", "E-mailadres", "email", 10),
    prompt("username", "username", "Gebruikersnaam", "username", 20),
    prompt("password", "password", "Wachtwoord", "password", 30),
    prompt("password-again", "password", "Wachtwoord, nog een keer", "password_repeat", 40),
    session,
    ...enrolment,
    ...recovery,
  ],
};
