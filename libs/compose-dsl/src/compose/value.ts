/** Values of a Compose file that Compose reads otherwise than they look, as text it reads right. */

/**
 * Text that Compose takes as it stands: every `$` is doubled, since a single one begins a variable.
 * For values only; Compose doesn't interpolate keys.
 */
export function literal(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/**
 * A variable with the value it has when it is unset or empty: `${NAME:-fallback}`. The fallback is
 * taken literally.
 *
 * @throws RangeError if the name isn't one of a shell variable, or the fallback has a `}`, at which
 *   Compose ends the expression
 */
export function variable(name: string, fallback: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new RangeError(`"${name}" can't be a variable: use letters, digits and _, and begin with a letter or _.`);
  }
  if (fallback.includes("}")) {
    throw new RangeError(`The fallback of \${${name}} has a "}", where Compose ends the expression: use another value.`);
  }
  return `\${${name}:-${literal(fallback)}}`;
}

/**
 * The value of an environment variable or label: always text, because YAML's `true` and `1.10`
 * would reach the container as something else than was written.
 */
export function environmentText(value: string | number | boolean): string {
  return literal(String(value));
}

/** Milliseconds of each unit that Compose accepts. */
const UNIT_MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6, us: 1e-3, "µs": 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000,
};

/**
 * Milliseconds of a duration such as "90s", "1m30s", "1.5h" or "2d".
 *
 * @throws RangeError if it isn't a duration, or is not a whole number of milliseconds
 */
export function milliseconds(duration: string): number {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|[smhdw])/gy)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== duration) {
    throw new RangeError(`"${duration}" is not a duration: write numbers with units, such as "500ms", "90s" or "1m30s".`);
  }
  const sum = parts.reduce((total, [, count, unit]) => total + Number(count) * (UNIT_MILLISECONDS[unit ?? ""] ?? Number.NaN), 0);
  const whole = Math.round(sum);
  if (Math.abs(sum - whole) > 1e-6) throw new RangeError(`"${duration}" is finer than a millisecond: use whole milliseconds.`);
  return whole;
}

/**
 * A duration as Compose itself writes it, such as "1m30s", "1h0m0s" or "1.5s". Days and weeks are
 * given in hours, because Compose 2.26 refuses `d` and `w` in some places (healthcheck.start_period).
 *
 * @param duration milliseconds, or a duration in any form that Compose accepts
 * @throws RangeError if it is negative, not whole milliseconds, or not a duration
 */
export function durationText(duration: number | string): string {
  const total = typeof duration === "string" ? milliseconds(duration) : duration;
  if (!Number.isSafeInteger(total) || total < 0) {
    throw new RangeError(`${total} is not a duration: it must be a whole number of milliseconds, 0 or more.`);
  }
  if (total === 0) return "0s";
  if (total < 1000) return `${total}ms`;
  const hours = Math.floor(total / 3_600_000);
  const minutes = Math.floor((total % 3_600_000) / 60_000);
  const seconds = `${(total % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

/** Bytes of each unit letter: Compose counts in 1024s, also where it is written MB. */
const UNIT_BYTES: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 };

/**
 * Bytes of a size such as "512M", "1.5g", "64KiB" or "1024". Every unit is 1024-based, as Compose
 * reads it: "1MB" is 1,048,576 bytes.
 *
 * @throws RangeError if it isn't a size or not a whole number of bytes
 */
export function bytes(size: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(size);
  const count = Number(match?.[1]) * (UNIT_BYTES[match?.[2]?.toLowerCase() ?? ""] ?? Number.NaN);
  if (match === null || !Number.isSafeInteger(count)) {
    throw new RangeError(`"${size}" is not a size: write a number with a unit, such as "512M" (1024-based), in whole bytes.`);
  }
  return count;
}

/**
 * A size as people read it best and Compose reads it exactly: "512M" for 536,870,912, plain digits
 * where no unit fits.
 *
 * @param size bytes, or a size in any form that Compose accepts
 * @throws RangeError if it is negative, not whole bytes, or not a size
 */
export function sizeText(size: number | string): string {
  const count = typeof size === "string" ? bytes(size) : size;
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new RangeError(`${count} is not a size: it must be a whole number of bytes, 0 or more.`);
  }
  const fitting = Object.entries(UNIT_BYTES).findLast(([, unit]) => count > 0 && count % unit === 0);
  return fitting === undefined ? "0" : `${count / fitting[1]}${fitting[0].toUpperCase()}`;
}

/**
 * A file mode as Compose reads it in every version: the number itself, which YAML writes in decimal
 * (0o444 as 292). Text is no way to say it: Compose 2.26 reads "0444" as decimal 444 in a config's
 * or secret's mode, and no version takes text for the mode of a tmpfs (tried with 2.26.1, 2.40.3
 * and 5.6.1).
 *
 * @throws RangeError if it isn't a whole number from 0 to 0o7777
 */
export function fileMode(mode: number): number {
  if (!Number.isInteger(mode) || mode < 0 || mode > 0o7777) {
    throw new RangeError(`${mode} is not a file mode: use octal digits from 0o0 to 0o7777.`);
  }
  return mode;
}
