/** A released service's two colours are one service to whoever compares environments. */
import { list, mapping, scalar, type Document } from "./unknown-document.ts";

const folders = /^\$\{JLAM_(?:LIVE|RELEASE):-\.\}/;

/** The services of a Compose file with each pair of colours as the one that a first start runs, under the service's own name. */
export function withoutColours(services: Readonly<Record<string, Document>>): Record<string, Document> {
  const names = new Map(Object.entries(services).flatMap(([name, service]) => (colourOf(service) === undefined ? [] : [[name, nameOf(service)] as const])));
  const result: Record<string, Document> = {};
  for (const [name, service] of Object.entries(services)) {
    const known = names.get(name);
    if (known !== undefined && known in result) continue;
    result[known ?? name] = { ...service, ...mountsOf(service), ...dependenciesOf(service, names), ...(known !== undefined && colourless(service, known)) };
  }
  return result;
}

const labelsOf = (service: Document): Document => mapping(service["labels"]);
const colourOf = (service: Document): unknown => labelsOf(service)["nl.jlam.colour"];
const nameOf = (service: Document): string => scalar(labelsOf(service)["nl.jlam.service"] ?? "");

/** The folders of a host are those beside the files for whoever reads them here. */
const mountsOf = (service: Document): Document =>
  service["volumes"] === undefined
    ? {}
    : { volumes: list(service["volumes"]).map((mount) => { const { source, ...rest } = mapping(mount); return source === undefined ? mount : { ...rest, source: scalar(source).replace(folders, ".") }; }) };

const dependenciesOf = (service: Document, names: ReadonlyMap<string, string>): Document =>
  service["depends_on"] === undefined || Array.isArray(service["depends_on"])
    ? {}
    : { depends_on: Object.fromEntries(Object.entries(mapping(service["depends_on"])).map(([name, options]) => [names.get(name) ?? name, options])) };

/** Without what only tells the colours apart: label, profile, and the alias that is the service's own name. */
function colourless({ profiles, ...service }: Document, name: string): Document {
  const { "nl.jlam.colour": colour, ...labels } = labelsOf(service);
  const networks = Object.entries(mapping(service["networks"])).map(([network, options]) => {
    const aliases = list(mapping(options)["aliases"]).map(scalar).filter((alias) => alias !== name);
    // On the proxy's network a colour needs no alias beside its own name; where nothing is released it has that name as an alias.
    return [network, aliases.length > 0 || list(mapping(options)["aliases"]).length > 0 ? (aliases.length > 0 ? { aliases } : {}) : { aliases: [`${name}-${scalar(colour)}`] }] as const;
  });
  return { ...service, labels, networks: Object.fromEntries(networks) };
}
