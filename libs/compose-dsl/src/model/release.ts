import { duration, type Duration, type DurationInput } from "./units.ts";

/** How a new version takes over. */
export type Release =
  /** The new colour starts beside the old one; the proxy switches by one rename; the old one drains for at most `drain`. */
  | { readonly kind: "blue-green"; readonly drain: Duration }
  /** One container is replaced; its users notice. */
  | { readonly kind: "recreate" };

export const blueGreen = (options: { readonly drain: DurationInput }): Release => ({ kind: "blue-green", drain: duration(options.drain) });
export const recreate: Release = { kind: "recreate" };
