import { variable } from "../compose/value.ts";
import type { EnvironmentNode } from "../model/environment.ts";
import { colouredImageVariable, imageVariable, type Image } from "../model/image.ts";
import type { ServiceNode } from "../model/service.ts";
import type { Colour } from "./colours.ts";
import type { Explained } from "./resolved.ts";
import { declared, derivedFrom } from "./why.ts";

/** Name and tag of an image without digest, as a lock knows it. */
export function imageReference(image: Image, registry: string | undefined): string {
  if (image.kind === "registry") return `${image.repository}:${image.tag}`;
  return registry === undefined ? `jlam/${image.name}:local` : `${registry}/${image.name}:release`;
}

/** The image that a service, or one colour of it, runs in this environment. */
export function resolveImage({ image, at }: Pick<ServiceNode, "image" | "at">, { images, at: environmentAt }: EnvironmentNode, colour?: Colour): Explained<string> {
  switch (images.kind) {
    case "replaceable":
      return {
        value: variable(imageVariable(image.name), imageReference(image, undefined)),
        why: declared(at, "image", `declared; ${imageVariable(image.name)} replaces it on this machine`),
      };
    case "locked": {
      const reference = imageReference(image, images.registry);
      const digest = images.lock[reference];
      if (image.kind === "build") {
        // Built by the release itself, so no committed file can know its digest.
        const name = colour === undefined ? imageVariable(image.name) : colouredImageVariable(image.name, colour);
        return { value: variable(name, reference), why: declared(at, "image", `declared; each release gives its digest as ${name}`) };
      }
      return digest === undefined
        ? { value: reference, why: declared(at, "image", "declared; not locked to a digest yet") }
        : { value: `${reference}@${digest}`, why: derivedFrom(environmentAt, "locked to the digest in images.lock.json", "images") };
    }
  }
}

/** The profile that keeps a service out where its image can't be had; only where images may be replaced. */
export const imageProfile = (image: Image, { images }: EnvironmentNode): string | undefined =>
  images.kind === "replaceable" && image.kind === "registry" && image.registryOnly === true ? image.name : undefined;
