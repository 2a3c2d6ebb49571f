/** The images that something asks for: those of an environment's resolved model, or those that a test needs. */

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

/** The environment variable that replaces an image: JLAM_IMAGE_ and its name in capitals. */
export function imageVariable(name: string): string {
  return `JLAM_IMAGE_${name.toUpperCase().replaceAll("-", "_")}`;
}
