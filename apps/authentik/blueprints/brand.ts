/** What people see on the sign-in pages, and which flows they meet there. */
import { entry } from "./entry.ts";
import type { SignIns } from "./sign-ins.ts";
import { findFlow } from "./stages.ts";
import type { Blueprint } from "./text.ts";

/**
 * The brand of the host on which people sign in, as browsers name it: with the port where it isn't HTTPS's own.
 * Authentik's own default brand stays as it is, for every other host.
 */
export const brandBlueprint = ({ origin }: SignIns): Blueprint => ({
  name: "JLAM brand",
  entries: [
    entry("authentik_brands.brand", {
      identifiers: { domain: new URL(origin).host },
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
