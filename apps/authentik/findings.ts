/** What is wrong, or will be, with the Authentik of an environment. */
import type { Diagnostic, Origin } from "@jlam/compose-dsl";
import { releases } from "./blueprints/fields.ts";
import { capabilities, newestRelease, versionOf } from "./capabilities.ts";
import type { SignIns } from "./blueprints/sign-ins.ts";

const diagnostic = (rule: string, severity: Diagnostic["severity"], subject: string, at: Origin, text: Pick<Diagnostic, "message" | "why" | "fix">): Diagnostic => ({ rule, severity, subject, at, ...text });

/** About the image's tag: no release that is known here, or one that gets no security fixes any more. */
export function versionFindings(tag: string, at: Origin): readonly Diagnostic[] {
  const release = versionOf(tag);
  if (release === undefined) {
    return [
      diagnostic("authentik-version", "error", tag, at, {
        message: `"${tag}" is no version of Authentik that apps/authentik/capabilities.ts knows`,
        why: "variables, volumes and blueprints differ between releases, and a wrong one fails only when people sign in",
        fix: `use a version of ${releases.join(", ")}, or add the release to the table`,
      }),
    ];
  }
  const { fixesEnded } = capabilities[release];
  if (fixesEnded === undefined) return [];
  return [
    diagnostic("authentik-support", "warning", tag, at, {
      message: `Authentik ${release} gets no security fixes any more: ${fixesEnded === "unknown" ? "the day on which they ended is unknown" : `they ended on ${fixesEnded}`}`,
      why: "only the newest two releases get them, and this one guards every other service",
      fix: `go to ${newestRelease}, release by release`,
    }),
  ];
}

/** A name that is retired and still asks to sign people in: it would be made and removed by one file. */
export const retiredFindings = (retired: readonly string[], { clients, walled }: SignIns, at: Origin): readonly Diagnostic[] =>
  [...clients, ...walled]
    .filter(({ name }) => retired.includes(name))
    .map(({ name }) =>
      diagnostic("sign-in-retired", "error", name, at, {
        message: `"${name}" stands in apps/authentik/retired.ts, and a service of that name still says \`signIn\``,
        why: "its application would be removed, and nobody could sign in",
        fix: "take it from the list",
      }),
    );
