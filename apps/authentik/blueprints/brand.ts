/** What people see on the sign-in pages, and which flows they meet there. */
import { after, entry } from "./entry.ts";
import { findFlow } from "./stages.ts";
import type { Blueprint } from "./text.ts";

/** The brand of the host on which people sign in. Authentik's own default brand stays as it is, for every other host. */
export const brandBlueprint = (host: string): Blueprint => ({
  name: "JLAM brand",
  entries: [
    after("JLAM authentication"),
    after("JLAM self-service"),
    entry("authentik_brands.brand", {
      identifiers: { domain: host },
      attrs: {
        default: false,
        branding_title: "JLAM",
        flow_authentication: findFlow("authentication"),
        flow_invalidation: findFlow("sign-out"),
        flow_recovery: findFlow("recovery"),
        attributes: { settings: { locale: "nl" } },
      },
    }),
  ],
});
