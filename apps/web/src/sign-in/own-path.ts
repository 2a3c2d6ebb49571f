/** Lower-case words, digits and dashes between single slashes: no host, no backslash, no dot, no percent sign. */
const OWN_PATH = /^\/(?:[a-z0-9-]+(?:\/[a-z0-9-]+)*)?$/;

/** Far longer than every page's address. */
const LONGEST = 200;

/**
 * Where to go after signing in: `wanted` if it can only be a page of this site, else `otherwise`. It says what is
 * allowed in place of what is not, since browsers and proxies read `//`, `/\` and `%2f` each in their own way.
 */
export function ownPath(wanted: unknown, otherwise: string): string {
  return typeof wanted === "string" && wanted.length <= LONGEST && OWN_PATH.test(wanted) ? wanted : otherwise;
}
