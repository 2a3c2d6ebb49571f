/** What differs between Authentik's releases, in one table. */
import { releases } from "./blueprints/fields.ts";
import type { Release } from "./blueprints/entry.ts";

export interface Capabilities {
  /** Where files that it writes are kept. */
  readonly dataPath: "/media" | "/data";
  /** Whether sessions and tasks still live in Redis. */
  readonly needsRedis: boolean;
  /** Whether it believes forwarded headers only from AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS, which must then be exact. */
  readonly trustsListedProxies: boolean;
  /** Whether it reads AUTHENTIK_WEB__BASE_URL (required from 2026.11 on). */
  readonly hasBaseUrl: boolean;
  /** The day on which security fixes ended; undefined: it still gets them. `unknown` where no dated source was found. */
  readonly fixesEnded: string | undefined;
}

/**
 * Only the newest two releases get security fixes (Authentik's SECURITY.md), so one's fixes end on the day on which the
 * second after it comes out. Days are from endoflife.date's page on Authentik, but for 2026.2: it left SECURITY.md with
 * goauthentik/authentik#25351, which was reviewed on that day. No dated source was found for 2025.12.
 * Paths, Redis and variables are from the release notes (website/docs/releases).
 */
export const capabilities: { readonly [R in Release]: Capabilities } = {
  "2025.8": { dataPath: "/media", needsRedis: true, trustsListedProxies: false, hasBaseUrl: false, fixesEnded: "2026-01-13" },
  "2025.10": { dataPath: "/media", needsRedis: false, trustsListedProxies: false, hasBaseUrl: false, fixesEnded: "2026-02-24" },
  "2025.12": { dataPath: "/data", needsRedis: false, trustsListedProxies: false, hasBaseUrl: false, fixesEnded: "unknown" },
  "2026.2": { dataPath: "/data", needsRedis: false, trustsListedProxies: false, hasBaseUrl: false, fixesEnded: "2026-08-20" },
  "2026.5": { dataPath: "/data", needsRedis: false, trustsListedProxies: false, hasBaseUrl: false, fixesEnded: undefined },
  "2026.8": { dataPath: "/data", needsRedis: false, trustsListedProxies: true, hasBaseUrl: true, fixesEnded: undefined },
};

export const newestRelease = "2026.8" satisfies Release;

/** The release that a tag such as `2026.8.6` belongs to; undefined where this table doesn't know it, or the tag names none. */
export function versionOf(tag: string): Release | undefined {
  const [, line] = /^(\d{4}\.\d{1,2})(?:\.\d+)?(?:-[a-z0-9.]+)?$/.exec(tag) ?? [];
  return releases.find((release) => release === line);
}
