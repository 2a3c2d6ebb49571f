/** An image by its official name; the environment decides whether a registry or a package recipe gives it. */
export interface RegistryImage {
  readonly kind: "registry";
  /** Name in our model: gives JLAM_IMAGE_<NAME> and the recipe tools/images/<name>. */
  readonly name: string;
  /** Repository without tag, such as `docker.io/library/postgres`. */
  readonly repository: string;
  readonly tag: string;
  /** No recipe builds it from packages: where no registry answers, its services are left out. */
  readonly registryOnly?: boolean;
  readonly probe?: readonly string[];
}

/** An image of our own, built from a Dockerfile in this repository. */
export interface BuiltImage {
  readonly kind: "build";
  readonly name: string;
  /** Folder of the Dockerfile, from the repository's root, which is also the build's context. */
  readonly folder: string;
  readonly base: RegistryImage;
  readonly probe?: readonly string[];
}

export type Image = RegistryImage | BuiltImage;

export interface ImageOptions {
  /** Command inside the image that takes a URL as its last argument and exits 0 when it answers 2xx. */
  readonly probe?: readonly string[];
}

/**
 * An official image: `image("postgres", "postgres:17.6")`.
 * Throws RangeError without a tag: an image whose version is not said cannot be locked.
 */
export function image(name: string, reference: `${string}:${string}`, options: ImageOptions & { readonly registryOnly?: boolean } = {}): RegistryImage {
  const split = reference.lastIndexOf(":");
  const tag = reference.slice(split + 1);
  if (split < 1 || tag === "" || tag.includes("/")) throw new RangeError(`image "${reference}" has no tag: write repository:tag`);
  return Object.freeze({ kind: "registry", name, repository: reference.slice(0, split), tag, ...options });
}

/** An image built from `folder`/Dockerfile on `base`: `build("web", { folder: "apps/web", base: node })`. */
export function build(name: string, options: ImageOptions & { folder: string; base: RegistryImage }): BuiltImage {
  return Object.freeze({ kind: "build", name, ...options });
}

/** The variable that gives one colour of a released service its image. */
export const colouredImageVariable = (name: string, colour: "blue" | "green"): string => `${imageVariable(name)}_${colour.toUpperCase()}`;

/** The environment variable that replaces an image in local and ci, and gives an image of our own its digest where it is released. */
export const imageVariable = (name: string): string => `JLAM_IMAGE_${name.toUpperCase().replaceAll("-", "_")}`;
