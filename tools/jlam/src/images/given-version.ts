/** Which version the image is of that a person gave by JLAM_IMAGE_<NAME>, where its stack can be made for versions. */
import { imageVariable, type ResolvedEnvironment, type Versions } from "@jlam/compose-dsl";
import { PersonError } from "../terminal/failure.ts";
import { imageLabel, presentImages, pullImage } from "./docker.ts";
import { parseReference } from "./reference.ts";

/** A given image of another version than the model's. */
export interface GivenVersion {
  /** Name of the image in the model. */
  readonly image: string;
  readonly variable: string;
  /** The image as the person named it. */
  readonly reference: string;
  readonly version: string;
  /** The version that the model names. */
  readonly declared: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The OpenContainers image specification's label for the version of what is packaged (annotations.md). */
const versionLabel = "org.opencontainers.image.version";

/**
 * The given images whose version is another than the model's. A tag that names a version is believed before a label,
 * which an image may have from the one that it was built on. An image that is neither here nor to be pulled has none.
 *
 * @throws PersonError for a version that the stack can't be made for
 */
export async function givenVersions(environment: ResolvedEnvironment, variables: Variables = process.env): Promise<readonly GivenVersion[]> {
  const found = await Promise.all(
    environment.node.stacks.map(async ({ versions }) => {
      const given = versions && (variables[imageVariable(versions.image)] || undefined);
      const declared = versions && declaredVersion(environment, versions.image);
      if (versions === undefined || given === undefined || declared === undefined) return undefined;
      const version = await versionOf(given, declared, versions);
      return version === undefined || version === declared ? undefined : { image: versions.image, variable: imageVariable(versions.image), reference: given, version, declared };
    }),
  );
  return found.filter((given) => given !== undefined);
}

function declaredVersion({ services }: ResolvedEnvironment, image: string): string | undefined {
  for (const { node } of services.values()) if (node.image.name === image && node.image.kind === "registry") return node.image.tag;
  return undefined;
}

async function versionOf(given: string, declared: string, versions: Versions): Promise<string | undefined> {
  const fits = (version: string): boolean => version === declared || versions.make(version) !== undefined;
  const { tag } = parseReference(given);
  if (tag !== undefined && fits(tag)) return tag;
  // Why it can't be had is said where images are provided.
  if ((await presentImages([given])).size === 0 && (await pullImage(given)) !== undefined) return undefined;
  const label = await imageLabel(given, versionLabel);
  if (label !== undefined && fits(label)) return label;
  throw new PersonError(`${imageVariable(versions.image)} is ${given}, and nothing here can be made for its version.`, {
    why: `Its tag says ${tag === undefined ? "nothing" : `"${tag}"`}, its label ${versionLabel} says ${label === undefined ? "nothing" : `"${label}"`}; what ${versions.image} reads differs from version to version.`,
    fix: `Give an image of ${declared}, or of a version of ${versions.supported.join(", ")}.`,
  });
}
