/** Applications that people sign in to, who may, and the outpost that guards those behind the wall. */
import { absent, entry, type Entry } from "./entry.ts";
import { groups as knownGroups } from "./groups.ts";
import { clientSecretName, seconds, type Client, type SignIns, type Walled } from "./sign-ins.ts";
import { bindings, findFlow, findGroup, own } from "./stages.ts";
import { fileOf, find, keyOf } from "./tags.ts";
import type { Blueprint } from "./text.ts";

/** Tokens are signed with this key pair, which Authentik makes for itself. Without one they would be signed with the client's secret. */
const signingKey = find("authentik_crypto.certificatekeypair", ["name", "authentik Self-signed Certificate"]);

const providerName = (name: string): string => own(name);

/** What a person's client is told about them, by the scopes that it asks for; Authentik keeps a mapping for each. */
const scopeMapping = (scope: string) => find("authentik_providers_oauth2.scopemapping", ["managed", `goauthentik.io/providers/oauth2/scope-${scope}`]);

function clientEntries({ name, signIn, callback, home, signOutUrl }: Client): readonly Entry[] {
  const redirect = { matching_mode: "strict", url: callback } as const;
  // Only who asks for offline_access gets refresh tokens (since 2024.2).
  const refreshes = signIn.scopes.includes("offline_access");
  return [
    entry("authentik_providers_oauth2.oauth2provider", {
      id: `provider-${name}`,
      identifiers: { name: providerName(name) },
      attrs: {
        client_type: "confidential",
        client_id: name,
        client_secret: fileOf(`/run/secrets/${clientSecretName(name)}`),
        authorization_flow: findFlow("authorization"),
        invalidation_flow: findFlow("application-sign-out"),
        redirect_uris: [redirect],
        signing_key: signingKey,
        property_mappings: signIn.scopes.map(scopeMapping),
        // Stays the same when somebody changes their name or address.
        sub_mode: "user_uuid",
        issuer_mode: "per_provider",
        include_claims_in_id_token: true,
        access_code_validity: "minutes=1",
        access_token_validity: seconds(signIn.accessTokenLifetime),
        refresh_token_validity: seconds(signIn.refreshTokenLifetime),
      },
      since: {
        // Without an address it tells nobody. An empty one takes back what was said before.
        "2025.10": { logout_uri: signOutUrl ?? "", logout_method: "backchannel" },
        "2026.5": {
          grant_types: refreshes ? ["authorization_code", "refresh_token"] : ["authorization_code"],
          redirect_uris: [
            { ...redirect, redirect_uri_type: "authorization" },
            { matching_mode: "strict", url: `${home}/`, redirect_uri_type: "logout" },
          ],
        },
      },
    }),
    ...applicationEntries(name, `${home}/`, signIn.groups),
  ];
}

function walledEntries({ name, origin, signIn }: Walled): readonly Entry[] {
  return [
    entry("authentik_providers_proxy.proxyprovider", {
      id: `provider-${name}`,
      identifiers: { name: providerName(name) },
      attrs: {
        // One provider a host: in domain mode all hosts share one application, and so one set of groups.
        mode: "forward_single",
        external_host: origin,
        authorization_flow: findFlow("authorization"),
        invalidation_flow: findFlow("application-sign-out"),
        skip_path_regex: "",
        intercept_header_auth: false,
        access_token_validity: seconds(signIn.accessTokenLifetime),
      },
    }),
    ...applicationEntries(name, `${origin}/`, signIn.groups),
  ];
}

/**
 * An application with those who may open it. One without a binding is open to everybody with an account.
 * Groups that may not are said too: one that was let in before would else still be.
 */
const applicationEntries = (name: string, launch: string, groups: readonly [string, ...string[]]): readonly Entry[] => [
  entry("authentik_core.application", {
    id: `application-${name}`,
    identifiers: { slug: name },
    attrs: { name, provider: keyOf(`provider-${name}`), policy_engine_mode: "any", meta_launch_url: launch, group: "JLAM" },
  }),
  ...bindings(keyOf(`application-${name}`), { groups }),
  ...knownGroups
    .filter((group) => !groups.includes(group))
    .map((group) => absent("authentik_policies.policybinding", { target: keyOf(`application-${name}`), group: findGroup(group) })),
];

/** Authentik's own outpost, inside its server. The list of providers is the whole list: what isn't in it is not guarded. */
const outpost = ({ origin, walled }: SignIns): Entry =>
  entry("authentik_outposts.outpost", {
    identifiers: { managed: "goauthentik.io/outposts/embedded" },
    attrs: {
      name: "authentik Embedded Outpost",
      type: "proxy",
      providers: walled.map(({ name }) => keyOf(`provider-${name}`)),
      config: { authentik_host: `${origin}/` },
    },
  });

/** All applications of an environment; those of `retired` names are removed with their providers. */
export const applicationsBlueprint = (signIns: SignIns, retired: readonly string[]): Blueprint => ({
  name: "JLAM applications",
  entries: [
    ...signIns.clients.flatMap(clientEntries),
    ...signIns.walled.flatMap(walledEntries),
    // Where nothing stands behind the wall, the outpost has nothing to know.
    ...(signIns.walled.length > 0 ? [outpost(signIns)] : []),
    ...retired.flatMap((name) => [
      absent("authentik_core.application", { slug: name }),
      absent("authentik_providers_oauth2.oauth2provider", { name: providerName(name) }),
      absent("authentik_providers_proxy.proxyprovider", { name: providerName(name) }),
    ]),
  ],
});
