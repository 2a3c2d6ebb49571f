import { duration, seconds, type Duration, type DurationInput } from "./units.ts";

export interface HealthTiming {
  readonly interval: Duration;
  readonly timeout: Duration;
  readonly retries: number;
  /** Failures within this time after the start don't count. */
  readonly startPeriod: Duration;
  /** Between questions within that time, so that nothing waits for the normal interval (needs engine 25). */
  readonly startInterval: Duration;
}

export interface HttpHealth<P extends string = string> {
  readonly kind: "http";
  readonly port: P;
  readonly path: string;
  readonly timing: HealthTiming;
}

export interface CommandHealth {
  readonly kind: "command";
  readonly command: readonly [string, ...string[]];
  readonly timing: HealthTiming;
}

export type Health<P extends string = string> = HttpHealth<P> | CommandHealth;

export interface HealthOptions {
  readonly interval?: DurationInput;
  readonly timeout?: DurationInput;
  readonly retries?: number;
  readonly startPeriod?: DurationInput;
  /** Default a second; longer for a check that itself takes a processor for as long. */
  readonly startInterval?: DurationInput;
}

const timing = (options: HealthOptions): HealthTiming => ({
  interval: options.interval ? duration(options.interval) : seconds(10),
  timeout: options.timeout ? duration(options.timeout) : seconds(3),
  retries: options.retries ?? 3,
  startPeriod: options.startPeriod ? duration(options.startPeriod) : seconds(30),
  startInterval: options.startInterval ? duration(options.startInterval) : seconds(1),
});

/** Healthy while GET `path` on the declared port answers 2xx, asked by the image's own probe. */
export const http = <const P extends string>(port: P, path: `/${string}`, options: HealthOptions = {}): HttpHealth<P> => ({
  kind: "http",
  port,
  path,
  timing: timing(options),
});

/** Healthy while the command exits 0. Run without a shell: the first word is a program in the image. */
export const exec = (command: readonly [string, ...string[]], options: HealthOptions = {}): CommandHealth => ({
  kind: "command",
  command,
  timing: timing(options),
});
