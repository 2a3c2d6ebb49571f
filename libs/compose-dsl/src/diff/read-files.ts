import { load } from "js-yaml";
import { withoutColours } from "./coloured.ts";
import { networkMembers, networkPicture } from "./network-picture.ts";
import type { Facts, Items, Picture } from "./picture.ts";
import { routingPicture } from "./route-picture.ts";
import { canonical, definition, servicePicture } from "./service-picture.ts";
import { isMapping, list, mapping, scalar, type Document } from "./unknown-document.ts";

/** What was emitted, or was committed in an earlier revision: texts by their path below `generated/`. */
export type Files = ReadonlyMap<string, string>;

/** The picture of an environment's files, and what Compose compares of each service. */
export interface FilesPicture {
  readonly picture: Picture;
  readonly definitions: Readonly<Record<string, ReturnType<typeof definition>>>;
  /** What newer Compose compares of each network. */
  readonly networkDefinitions: Readonly<Record<string, string>>;
  /** Services on each network. */
  readonly members: ReadonlyMap<string, readonly string[]>;
  /** Name of the Compose project, before the names of its volumes on the host. */
  readonly project: string;
}

/** A name for a service's image in place of the emitted reference. */
export type ImageName = (service: string, reference: string) => string;

/** The whole picture of what `files` declare. Throws YAMLException where a file is no YAML. */
export function readFiles(files: Files, imageName: ImageName = (_, reference) => defaultValue(reference)): FilesPicture {
  const documents = [...files].filter(([path]) => /^[^/]+\.ya?ml$/.test(path)).map(([, text]) => mapping(load(text)));
  const written: Record<string, Document> = {};
  for (const document of documents) for (const [name, service] of Object.entries(mapping(document["services"]))) written[name] = mapping(service);
  const services = withoutColours(written);
  const imageOf = (name: string): string => imageName(name, scalar(services[name]?.["image"] ?? ""));
  const routing = [...files].filter(([path]) => path.startsWith("files/") && /\.ya?ml$/.test(path)).flatMap(([path, text]) => dynamicConfiguration(path, text));
  const routingFiles = new Set(routing.map(({ path }) => path));
  const definitions: Record<string, ReturnType<typeof definition>> = {};
  const items: Record<string, Items[string]> = {};
  const labels: Record<string, Facts> = {};
  for (const [name, service] of Object.entries(services)) {
    items[name] = servicePicture(name, { ...service, image: imageOf(name) }, mountedFiles(service, files, routingFiles));
    definitions[name] = definition(service);
    labels[name] = Object.fromEntries(Object.entries(mapping(service["labels"])).map(([label, value]) => [label, scalar(value)]));
  }
  const { routes, middlewares } = routingPicture(labels, routing.map(({ document }) => document));
  const members = networkMembers(services);
  return {
    picture: {
      services: items,
      routes,
      middlewares,
      networks: together(documents, "networks", (name, network) => networkPicture(network, members.get(name) ?? [])),
      volumes: together(documents, "volumes", (_, volume) => ({ summary: scalar(mapping(volume["labels"])["nl.jlam.holds"] ?? "data"), facets: {} })),
      images: images(Object.keys(services).map(imageOf)),
      secrets: together(documents, "secrets", () => ({ summary: "", facets: {} })),
    },
    definitions,
    members,
    networkDefinitions: Object.fromEntries(documents.flatMap((document) => Object.entries(mapping(document["networks"])).map(([name, network]) => [name, canonical(network)]))),
    project: scalar(documents[0]?.["name"] ?? ""),
  };
}

function together(documents: readonly Document[], key: string, item: (name: string, value: Document) => Items[string]): Items {
  const found: Record<string, Items[string]> = {};
  for (const document of documents) for (const [name, value] of Object.entries(mapping(document[key]))) found[name] = item(name, mapping(value));
  return found;
}

/** Files of the proxy's that hold nothing but routing are told as routes and middlewares. */
function dynamicConfiguration(path: string, text: string): readonly { readonly path: string; readonly document: Document }[] {
  // Other programs' files may use tags of their own, such as Authentik's !File, which no reader of plain YAML knows.
  if (!text.startsWith("http:")) return [];
  const document: unknown = load(text);
  return isMapping(document) && Object.keys(document).join() === "http" ? [{ path, document }] : [];
}

/** Emitted files that the service mounts, by their path in the container. */
function mountedFiles(service: Document, files: Files, apart: ReadonlySet<string>): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const mount of list(service["volumes"])) {
    const { source, target } = mapping(mount);
    if (typeof source !== "string" || !source.startsWith("./")) continue;
    const folder = source.slice(2);
    for (const [path, text] of files) {
      if (apart.has(path)) continue;
      if (path === folder) found[scalar(target)] = text;
      else if (path.startsWith(`${folder}/`)) found[`${scalar(target)}${path.slice(folder.length)}`] = text;
    }
  }
  return found;
}

/** Images by repository, with the tags and digests in use. */
function images(references: readonly string[]): Items {
  const versions: Record<string, Set<string>> = {};
  for (const reference of references) {
    const [, repository = reference, version = ""] = /^(.+?)(?::([^/]*))?$/.exec(reference) ?? [];
    (versions[repository] ??= new Set()).add(version);
  }
  return Object.fromEntries(
    Object.entries(versions).map(([repository, used]) => {
      const version = [...used].sort().join(", ");
      return [repository, { summary: version, facets: { version: { "": version } } }];
    }),
  );
}

/** `${JLAM_IMAGE_WEB:-jlam/web:local}` is `jlam/web:local` unless somebody replaces it. */
const defaultValue = (text: string): string => /^\$\{\w+:-(.*)\}$/.exec(text)?.[1] ?? text;
