/** What an environment's emitted files say, flattened so that two of them can be compared fact by fact. */

/** One fact: a text, or texts whose order a reader rarely cares about, such as arguments or the lines of a file. */
export type Fact = string | readonly string[];

/** Facts by name, such as `LOG_LEVEL`; the empty name for a facet that is one fact, such as the image. */
export type Facts = Readonly<Record<string, Fact>>;

/** A service, route, network… with its facts by facet: `settings`, `limits`, `networks`. */
export interface Item {
  /** One line that says what it is, for when it is added or removed. */
  readonly summary: string;
  readonly facets: Readonly<Record<string, Facts>>;
}

export type Items = Readonly<Record<string, Item>>;

/** The kinds of things that are compared, in the order in which a difference tells of them. */
export const sections = ["services", "routes", "middlewares", "networks", "volumes", "images", "secrets"] as const;
export type SectionName = (typeof sections)[number];

export type Picture = Readonly<Record<SectionName, Items>>;
