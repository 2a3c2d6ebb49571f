import type { Image, RegistryImage } from "../../model/image.ts";
import type { Origin } from "../../model/origin.ts";
import { imageReference } from "../../resolve/images.ts";
import type { ResolvedEnvironment } from "../../resolve/resolved.ts";
import { place, type Rule } from "../rule.ts";

interface Use {
  readonly image: Image;
  readonly at: Origin;
  readonly services: string[];
}

/** Images by what `key` says of them, each with its first user. */
function uses({ services }: ResolvedEnvironment, key: (image: Image) => string): ReadonlyMap<string, Use> {
  const found = new Map<string, Use>();
  for (const { name, node } of services.values()) {
    const use = found.get(key(node.image)) ?? { image: node.image, at: node.at, services: [] };
    found.set(key(node.image), use);
    use.services.push(name);
  }
  return found;
}

export const imageLock: Rule = {
  name: "image-lock",
  severity: "warning",
  why: "a tag can be moved to another image; only a digest is what was tested. A release is not built without it",
  *check(environment) {
    const { images } = environment.node;
    if (images.kind !== "locked") return;
    for (const [reference, { at, services }] of uses(environment, (image) => imageReference(image, images.registry))) {
      if (images.lock[reference] !== undefined) continue;
      yield { subject: reference, message: `the image ${reference} of ${services.join(", ")} is not locked to a digest`, fix: "run `jlam images lock` where a registry answers", at };
    }
  },
};

export const imageDigest: Rule = {
  name: "image-digest",
  severity: "error",
  why: "Docker can't pull what isn't a digest, and a digest that nobody resolved must never be written",
  *check({ node }) {
    if (node.images.kind !== "locked") return;
    for (const [reference, digest] of Object.entries(node.images.lock)) {
      if (/^sha256:[0-9a-f]{64}$/.test(digest)) continue;
      yield { subject: reference, message: `the lock says "${digest}" for ${reference}`, fix: "run `jlam images lock`, and don't edit the lock by hand", at: node.at };
    }
  },
};

const registryPart = (image: Image): RegistryImage => (image.kind === "registry" ? image : image.base);

export const imageTag: Rule = {
  name: "image-tag",
  severity: "error",
  why: "`latest` is another program tomorrow, and nobody can say which one runs",
  *check(environment) {
    for (const { image, at } of uses(environment, ({ name }) => name).values()) {
      const { repository, tag } = registryPart(image);
      if (tag !== "latest") continue;
      yield { subject: image.name, message: `the image "${image.name}" is ${repository}:latest`, fix: "write the version that you mean, such as `:17.6`", at };
    }
  },
};

export const imageClash: Rule = {
  name: "image-clash",
  severity: "error",
  why: "an image's name gives its JLAM_IMAGE_ variable and its recipe, so one would be replaced by the other",
  *check({ services }) {
    const known = new Map<string, { readonly reference: string; readonly at: Origin; readonly service: string }>();
    for (const { name, node } of services.values()) {
      const { image } = node;
      const reference = image.kind === "registry" ? `${image.repository}:${image.tag}` : image.folder;
      const other = known.get(image.name);
      if (other === undefined) known.set(image.name, { reference, at: node.at, service: name });
      else if (other.reference !== reference) {
        yield {
          subject: `${name} ${image.name}`,
          message: `the image name "${image.name}" means ${reference} in "${name}" and ${other.reference} in "${other.service}" (${place(other.at)})`,
          fix: "use one value for both, or give them different names",
          at: node.at,
        };
      }
    }
  },
};

export const httpProbe: Rule = {
  name: "http-probe",
  severity: "error",
  why: "the check runs inside the container, where only the image knows a program that can ask",
  *check({ services }) {
    for (const { name, node } of services.values()) {
      if (node.health?.kind !== "http" || (node.image.probe && node.image.probe.length > 0)) continue;
      yield {
        subject: name,
        message: `"${name}" is checked by http, and its image "${node.image.name}" names no probe`,
        fix: "give the image a `probe`, such as [\"wget\", \"-q\", \"-O\", \"/dev/null\"], or use exec([…])",
        at: node.at,
      };
    }
  },
};
