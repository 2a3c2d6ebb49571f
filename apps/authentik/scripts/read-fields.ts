/** Reads from Authentik's OpenAPI description which fields a release's models take. */
import { load } from "js-yaml";

/** A field of a model: what it holds, and whether the model must be told. */
export interface Field {
  readonly type: string | { readonly oneOf: readonly string[] } | { readonly listOf: readonly string[] } | { readonly objects: Readonly<Record<string, Field>> };
  readonly required: boolean;
}

/** Models that the blueprints use, with the name of their request in the OpenAPI description. */
export const models = {
  "authentik_brands.brand": "BrandRequest",
  "authentik_core.application": "ApplicationRequest",
  "authentik_core.group": "GroupRequest",
  "authentik_core.token": "TokenRequest",
  "authentik_core.user": "UserRequest",
  "authentik_events.notificationrule": "NotificationRuleRequest",
  "authentik_events.notificationtransport": "NotificationTransportRequest",
  "authentik_flows.flow": "FlowRequest",
  "authentik_flows.flowstagebinding": "FlowStageBindingRequest",
  "authentik_outposts.outpost": "OutpostRequest",
  "authentik_policies.policybinding": "PolicyBindingRequest",
  "authentik_policies_event_matcher.eventmatcherpolicy": "EventMatcherPolicyRequest",
  "authentik_policies_password.passwordpolicy": "PasswordPolicyRequest",
  "authentik_policies_reputation.reputationpolicy": "ReputationPolicyRequest",
  "authentik_providers_oauth2.oauth2provider": "OAuth2ProviderRequest",
  "authentik_providers_proxy.proxyprovider": "ProxyProviderRequest",
  "authentik_rbac.role": "RoleRequest",
  "authentik_stages_authenticator_static.authenticatorstaticstage": "AuthenticatorStaticStageRequest",
  "authentik_stages_authenticator_totp.authenticatortotpstage": "AuthenticatorTOTPStageRequest",
  "authentik_stages_authenticator_validate.authenticatorvalidatestage": "AuthenticatorValidateStageRequest",
  "authentik_stages_authenticator_webauthn.authenticatorwebauthnstage": "AuthenticatorWebAuthnStageRequest",
  "authentik_stages_deny.denystage": "DenyStageRequest",
  "authentik_stages_email.emailstage": "EmailStageRequest",
  "authentik_stages_identification.identificationstage": "IdentificationStageRequest",
  "authentik_stages_password.passwordstage": "PasswordStageRequest",
  "authentik_stages_prompt.prompt": "PromptRequest",
  "authentik_stages_prompt.promptstage": "PromptStageRequest",
  "authentik_stages_user_login.userloginstage": "UserLoginStageRequest",
  "authentik_stages_user_logout.userlogoutstage": "UserLogoutStageRequest",
  "authentik_stages_user_write.userwritestage": "UserWriteStageRequest",
} as const;

/** What blueprints take beside the API's own fields (Authentik's documentation, customize/blueprints/v1/models). */
const onlyInBlueprints: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  "authentik_core.token": { key: { type: "string", required: false } },
  "authentik_core.user": { password: { type: "string", required: false } },
  "authentik_rbac.role": { permissions: { type: "list", required: false } },
};

/** Fields of every model in `models`, by model and name, from the text of one release's schema.yml. Throws RangeError where it lacks one. */
export function readFields(schemaText: string): ReadonlyMap<string, ReadonlyMap<string, Field>> {
  const schemas = record(record(record(load(schemaText))["components"])["schemas"]);
  const fields = new Map<string, ReadonlyMap<string, Field>>();
  for (const [model, request] of Object.entries(models)) {
    if (!(request in schemas)) throw new RangeError(`the description has no ${request}`);
    fields.set(model, new Map([...fieldsOf(schemas, record(schemas[request])), ...Object.entries(onlyInBlueprints[model] ?? {})]));
  }
  return fields;
}

function fieldsOf(schemas: Schema, schema: Schema): ReadonlyMap<string, Field> {
  const required = list(schema["required"]);
  return new Map(
    Object.entries(record(schema["properties"]))
      // What refers back to a model from another one, such as `flow_set`, is written there.
      .filter(([name]) => !name.endsWith("_set"))
      .map(([name, property]) => [name, { type: typeOf(schemas, record(property)), required: required.includes(name) }] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function typeOf(schemas: Schema, property: Schema): Field["type"] {
  const target = referred(schemas, property);
  const values = valuesOf(schemas, target);
  if (values.length > 0) return { oneOf: values };
  switch (target["type"]) {
    case "array": {
      const item = referred(schemas, record(target["items"]));
      const members = valuesOf(schemas, item);
      if (members.length > 0) return { listOf: members };
      return item["properties"] === undefined ? "list" : { objects: Object.fromEntries(fieldsOf(schemas, item)) };
    }
    case "boolean":
    case "string":
      return target["type"];
    case "integer":
    case "number":
      return "number";
    default:
      return "json";
  }
}

/** A property may refer to a schema, alone or as the only one of `allOf`. */
function referred(schemas: Schema, property: Schema): Schema {
  const all = property["allOf"];
  const only = Array.isArray(all) && all.length === 1 ? record(all[0]) : property;
  const reference = only["$ref"];
  return typeof reference === "string" ? record(schemas[reference.slice(reference.lastIndexOf("/") + 1)]) : only;
}

/** The values of an enumeration, also where it is a choice between one and "nothing said". */
function valuesOf(schemas: Schema, schema: Schema): readonly string[] {
  const choices = Array.isArray(schema["oneOf"]) ? schema["oneOf"].map((choice) => referred(schemas, record(choice))) : [schema];
  return [...new Set(choices.flatMap((choice) => list(choice["enum"])))].filter((value) => value !== "").sort();
}

type Schema = Readonly<Record<string, unknown>>;

function record(value: unknown): Schema {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((member) => typeof member === "string") : []);
