import { duration, type Duration, type DurationInput } from "./units.ts";

/** How a new version takes over. */
export type Release =
  /** The new colour starts beside the old one; the proxy switches by one rename; the old one drains for at most `drain`. */
  | { readonly kind: "blue-green"; readonly drain: Duration; readonly keepAlive?: Duration; readonly inFlight?: InFlight; readonly endStreams?: StreamSignal }
  /** One container is replaced; its users notice. */
  | { readonly kind: "recreate" };

/** Where a program says how many requests it is working on: a gauge among its metrics, such as `http_requests_in_flight`. */
export type InFlight = string;

/** What tells a program to close its server-sent events and WebSockets, and to go on with everything else. */
export type StreamSignal = "SIGUSR2" | "SIGHUP";

export interface BlueGreenOptions {
  /** How long the old colour may take to finish what it is working on. */
  readonly drain: DurationInput;
  /** How long the program keeps an idle connection open: longer than the proxy does, or the proxy sends requests into closed ones. */
  readonly keepAlive?: DurationInput;
  /** A gauge of its metrics; with it the old colour is drained as soon as it is 0, and without it after `drain`. */
  readonly inFlight?: InFlight;
  /** Sent to the old colour where streams are still open after `drain`; clients answer by connecting anew. */
  readonly endStreams?: StreamSignal;
}

/** `blueGreen({ drain: "20s", keepAlive: "100s", inFlight: "http_requests_in_flight" })` */
export const blueGreen = ({ drain, keepAlive, inFlight, endStreams }: BlueGreenOptions): Release => ({
  kind: "blue-green",
  drain: duration(drain),
  ...(keepAlive !== undefined && { keepAlive: duration(keepAlive) }),
  ...(inFlight !== undefined && { inFlight }),
  ...(endStreams !== undefined && { endStreams }),
});

/** How long the proxy keeps an idle connection to a colour; Traefik's own default, written so that it can be compared. */
export const proxyIdle: Duration = duration("90s");
/** How long a program may take to close its streams, once it is told to. */
export const streamsEnd: Duration = duration("3s");
/** Longest time for which the old colour may work on what it has while the new one serves. */
export const longestDrain: Duration = duration("10m");
/** How long the proxy waits until a connection to a colour stands: on one host it takes a millisecond. */
export const proxyDial: Duration = duration("5s");

export const recreate: Release = { kind: "recreate" };
