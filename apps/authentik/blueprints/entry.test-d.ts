/** A field that a release doesn't know fails only when the worker reads it. Checked by tsc alone. */
import { entry } from "./entry.ts";
import { fileOf, keyOf } from "./tags.ts";

entry("authentik_core.group", { identifiers: { name: "a" } });
entry("authentik_core.group", { identifiers: { name: "a" }, attrs: { is_superuser: true }, since: { "2025.12": { parents: [keyOf("b")] } } });
entry("authentik_core.user", { identifiers: { username: "a" }, attrs: { name: "A", password: fileOf("/run/secrets/A") } });

// @ts-expect-error no release has such a field
entry("authentik_core.group", { identifiers: { name: "a" }, attrs: { is_super_user: true } });

// @ts-expect-error no release has such a model
entry("authentik_core.groups", { identifiers: { name: "a" } });

// @ts-expect-error older releases don't have the field, so it stands in `since`
entry("authentik_core.group", { identifiers: { name: "a" }, attrs: { parents: [] } });

// @ts-expect-error the field came later than this
entry("authentik_core.group", { identifiers: { name: "a" }, since: { "2025.10": { parents: [] } } });

// @ts-expect-error a later release took the field away again, so it can't hold "since"
entry("authentik_core.group", { identifiers: { name: "a" }, since: { "2025.8": { parent: keyOf("b") } } });

// @ts-expect-error a binding needs to say where it stands among others
entry("authentik_policies.policybinding", { identifiers: { target: keyOf("a") } });

// @ts-expect-error the value is none of those that the field takes
entry("authentik_flows.flow", { identifiers: { slug: "a" }, attrs: { name: "a", title: "a", designation: "login" } });

entry("authentik_providers_oauth2.oauth2provider", {
  identifiers: { name: "a" },
  attrs: { authorization_flow: keyOf("f"), invalidation_flow: keyOf("f"), redirect_uris: [{ matching_mode: "strict", url: "https://a/" }] },
  since: { "2026.5": { redirect_uris: [{ matching_mode: "strict", url: "https://a/", redirect_uri_type: "authorization" }] } },
});

entry("authentik_providers_oauth2.oauth2provider", {
  identifiers: { name: "a" },
  attrs: {
    authorization_flow: keyOf("f"),
    invalidation_flow: keyOf("f"),
    // @ts-expect-error older releases refuse a redirect address with a type
    redirect_uris: [{ matching_mode: "strict", url: "https://a/", redirect_uri_type: "authorization" }],
  },
});

entry("authentik_providers_oauth2.oauth2provider", {
  identifiers: { name: "a" },
  attrs: {
    authorization_flow: keyOf("f"),
    invalidation_flow: keyOf("f"),
    // @ts-expect-error a redirect address is an object since 2024.10.3
    redirect_uris: ["https://a/"],
  },
});
