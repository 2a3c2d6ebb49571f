import { emitFiles } from "../emit/files.ts";
import type { EnvironmentNode } from "../model/environment.ts";
import type { Provider } from "../model/provider.ts";
import { sizeText } from "../compose/value.ts";
import { imageReference } from "../resolve/images.ts";
import type { ResolvedEnvironment } from "../resolve/resolved.ts";
import { parseAddress, parseRange } from "../resolve/subnets.ts";
import type { Reading, Readings } from "./compare.ts";
import { compareNamed, compareSections, type EnvironmentDiff } from "./diff.ts";
import type { Facts } from "./picture.ts";
import { readFiles, type ImageName } from "./read-files.ts";
import { lostProtection } from "./weaknesses.ts";

/**
 * How two environments differ, beside what must differ: their names, domains and addresses. Hosts are compared relative
 * to the domain, networks by name, images by name and tag (by digest where both lock theirs).
 */
export function diffEnvironments(a: ResolvedEnvironment, b: ResolvedEnvironment): EnvironmentDiff {
  const readings: Readings = { before: reading(a), after: reading(b) };
  const digests = a.node.images.kind === "locked" && b.node.images.kind === "locked";
  const [before, after] = [readFiles(emitFiles(a), imageName(a, digests)), readFiles(emitFiles(b), imageName(b, digests))];
  return {
    before: a.name,
    after: b.name,
    expected: compareNamed(expectedFacts(a.node), expectedFacts(b.node), { before: String, after: String }),
    environment: compareNamed(environmentFacts(a), environmentFacts(b), readings),
    sections: compareSections(before, after, readings),
    recreated: [],
    changedNetworks: [],
    losses: lostProtection(before.picture, after.picture),
  };
}

const expectedFacts = ({ domain, range }: EnvironmentNode): Facts => ({ domain, "address range": range });

function environmentFacts({ node, providers }: ResolvedEnvironment): Facts {
  const { host, publishing, certificates, images } = node;
  return {
    "memory of the host": sizeText(host.memory.bytes),
    "processors of the host": String(host.cpus),
    "published on": `${publishing.address}, ports ${publishing.http} and ${publishing.https}`,
    certificates:
      certificates.kind === "acme"
        ? `ACME by DNS at ${certificates.dns.kind}, ${certificates.wildcard ? "wildcard" : "one for each host"}, account ${certificates.email}, ${certificates.directory}`
        : "an authority of this machine",
    images: images.kind === "locked" ? `locked to digests, our own from ${images.registry}` : "tags that the machine may replace",
    ...Object.fromEntries([...providers].map(([id, provider]) => [id, providerInWords(provider)])),
  };
}

function providerInWords({ how, binding: { address, tls } }: Provider): string {
  const place = address.kind === "container" ? `${address.endpoint.service}:${address.endpoint.number}` : `${address.host}:${address.port}`;
  return `${how === "managed" ? "managed" : `in ${how === "stack" ? "the stack's own container" : "a container"}`}, ${place}${tls.kind === "off" ? "" : ", verified TLS"}`;
}

/** Our own images by name, since their registry follows from the environment; others by repository and tag. */
function imageName({ services, node: { images } }: ResolvedEnvironment, digests: boolean): ImageName {
  return (name, emitted) => {
    const image = services.get(name)?.node.image;
    if (!image) return emitted;
    const reference = imageReference(image, images.kind === "locked" ? images.registry : undefined);
    const digest = digests && images.kind === "locked" ? images.lock[reference] : undefined;
    return `${image.kind === "build" ? `our own ${image.name}` : reference}${digest === undefined ? "" : `@${digest}`}`;
  };
}

/** Puts a placeholder for every name that belongs to the environment alone. */
function reading({ name, node: { domain }, networks }: ResolvedEnvironment): Reading {
  const networkOf = new Map([...networks.values()].map(({ name: network, subnet }) => [subnet, network]));
  const domainName = new RegExp(`(?<![\\w-])${literal(domain)}(?![\\w-]|\\.\\w)`, "g");
  const environmentName = new RegExp(`(?<![\\w.])${literal(name)}(?![\\w.])`, "g");
  return (text) =>
    text
      .replace(/\d+\.\d+\.\d+\.\d+\/\d+/g, (subnet) => (networkOf.has(subnet) ? `‹addresses of ${networkOf.get(subnet)}›` : subnet))
      .replace(/(?<![\d.])\d+\.\d+\.\d+\.\d+(?![\d./])/g, (address) => placeIn(networks.values(), address) ?? address)
      .replace(domainName, "‹domain›")
      .replace(environmentName, "‹environment›");
}

/** A single address by its place in the network that it is of; undefined where it is of none. */
function placeIn(networks: Iterable<{ readonly name: string; readonly subnet: string }>, address: string): string | undefined {
  const number = parseAddress(address);
  for (const { name, subnet } of networks) {
    const range = parseRange(subnet);
    if (number !== undefined && range && number >= range.first && number < range.first + range.size) return `‹address ${number - range.first} of ${name}›`;
  }
  return undefined;
}

/** Text for a regular expression that matches it literally; names and domains have nothing else to escape. */
const literal = (text: string): string => text.replaceAll(".", "\\.");
