/** Hosts per network: the gateway and at most thirteen containers; an edge has two, three while a release switches. */
const prefixLength = 28;
const networkSize = 2 ** (32 - prefixLength);

/** An IPv4 address range as numbers: first address and size. */
export interface AddressRange {
  readonly first: number;
  readonly size: number;
}

/** Reads `10.128.0.1` as a number. Returns undefined where the text is no IPv4 address. */
export function parseAddress(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  const parts = match.slice(1).map(Number);
  return parts.some((part) => part > 255) ? undefined : parts.reduce((number, part) => number * 256 + part, 0);
}

/** Reads `10.128.0.0/12`. Returns undefined where the text is no range whose first address fits its length. */
export function parseRange(text: string): AddressRange | undefined {
  const [, address = "", bits] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const [first, length] = [parseAddress(address), Number(bits)];
  if (first === undefined || length > prefixLength) return undefined;
  const size = 2 ** (32 - length);
  return first % size === 0 ? { first, size } : undefined;
}

/** The host's own address on a network: Docker takes the first after the subnet's own. Undefined where the text is no subnet. */
export function gatewayOf(subnet: string): string | undefined {
  const range = parseRange(subnet);
  return range && dotted(range.first + 1);
}

/** How many networks fit into a range. */
export const placesIn = ({ size }: AddressRange): number => size / networkSize;

/** Whether two ranges share an address. */
export const overlaps = (a: AddressRange, b: AddressRange): boolean => a.first < b.first + b.size && b.first < a.first + a.size;

/**
 * A /28 for each name, chosen by the name's hash, so that adding a network leaves the others where they are.
 * Where two names hash to the same place, the later in alphabetical order moves to the next free one: with 60 networks
 * in a /12 (65,536 places) that happens to one set in 37.
 * Throws RangeError when the range holds fewer places than there are names.
 */
export function allocateSubnets(range: AddressRange, names: readonly string[]): ReadonlyMap<string, string> {
  const places = placesIn(range);
  if (names.length > places) {
    throw new RangeError(`${names.length} networks need more than the ${places} places of /${prefixLength} that the range has`);
  }
  const taken = new Set<number>();
  const subnets = new Map<string, string>();
  for (const name of [...names].sort()) {
    let place = hash(name) % places;
    while (taken.has(place)) place = (place + 1) % places;
    taken.add(place);
    subnets.set(name, `${dotted(range.first + place * networkSize)}/${prefixLength}`);
  }
  return subnets;
}

const dotted = (address: number): string =>
  [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(address / unit) % 256).join(".");

/** FNV-1a, 32 bits (RFC 9923), with a final mix, since names that differ in their last letter must not lie side by side. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
