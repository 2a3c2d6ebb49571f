/** Values with units as Traefik reads them. */

/** A part of a duration. Traefik would read a number without a unit as seconds; it isn't accepted here. */
type DurationUnit = "ms" | "s" | "m" | "h";

/** A duration with its unit, such as "100ms", "30s", "5m" or "1h30m". */
export type TraefikDuration =
  | `${number}${DurationUnit}`
  | `${number}m${number}s`
  | `${number}h${number}m`
  | `${number}h${number}m${number}s`;

/** A number of bytes: Traefik reads no units here (1 MiB is 1048576). */
export type Bytes = number;

/** A number of whole seconds. */
export type Seconds = number;

/** An HTTP status code such as "404", or a range such as "500-599". */
export type StatusRange = `${number}` | `${number}-${number}`;

/** Exactly one of the keys of an interface; writing two, or none, does not compile. */
export type ExactlyOne<Kinds> = {
  [Kind in keyof Kinds]: { readonly [Key in Kind]: Kinds[Key] } & { readonly [Key in Exclude<keyof Kinds, Kind>]?: never };
}[keyof Kinds];
