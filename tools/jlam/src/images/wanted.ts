/** The images that something asks for: those of an environment's resolved model, or those that a test needs. */
import { imageVariable, type Image, type RegistryImage, type ResolvedEnvironment } from "@jlam/compose-dsl";

/** An official image, given by a registry or stood in for by the recipe of the same name. */
export interface PublishedImage {
  readonly kind: "published";
  /** Name in the model, and of the recipe in tools/images/. */
  readonly name: string;
  /** Environment variable that replaces it: JLAM_IMAGE_<NAME>. */
  readonly variable: string;
  /** `repository:tag`, as the model says it. */
  readonly reference: string;
}

/** An image built from a Dockerfile of this repository, on a published one. */
export interface BuiltImage {
  readonly kind: "built";
  readonly name: string;
  readonly variable: string;
  /** Folder of the Dockerfile, from the repository's root. The build's context is the root itself. */
  readonly folder: string;
  readonly base: PublishedImage;
}

export type WantedImage = PublishedImage | BuiltImage;

/** The images that an environment's services run, one of each name, sorted by name. */
export function wantedImages(environment: ResolvedEnvironment): readonly WantedImage[] {
  const byName = new Map([...environment.services.values()].map(({ node: { image } }) => [image.name, wantedImage(image)]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** An image of the model as something to provide. */
export function wantedImage(image: Image): WantedImage {
  switch (image.kind) {
    case "registry":
      return publishedImage(image);
    case "build":
      return {
        kind: "built",
        name: image.name,
        variable: imageVariable(image.name),
        folder: image.folder,
        base: publishedImage(image.base),
      };
  }
}

function publishedImage({ name, repository, tag }: RegistryImage): PublishedImage {
  return { kind: "published", name, variable: imageVariable(name), reference: `${repository}:${tag}` };
}
