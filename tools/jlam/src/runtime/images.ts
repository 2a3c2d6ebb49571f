/** The images of the services that are to run. */
import type { ResolvedService } from "@jlam/compose-dsl";
import { wantedImage, type WantedImage } from "../images/wanted.ts";

/** One wanted image per name. */
export const wantedBy = (services: Iterable<ResolvedService>): readonly WantedImage[] =>
  [...new Map([...services].map(({ node }) => [node.image.name, wantedImage(node.image)])).values()];

/** The image that each service will run: what replaces it, or the official one. */
export function imageReferences(services: Iterable<ResolvedService>, variables: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const references = new Map<string, string>();
  for (const { name, node } of services) {
    const wanted = wantedImage(node.image);
    const reference = variables[wanted.variable] ?? (wanted.kind === "published" ? wanted.reference : undefined);
    if (reference !== undefined) references.set(name, reference);
  }
  return references;
}
