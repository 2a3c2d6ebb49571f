import type { Resource } from "./resource.ts";

/**
 * How versions of a program follow each other on the data that is there. The version is the one in the image's tag;
 * where a release changes it, its plan says what that means and keeps from what can't be.
 */
export type Upgrade =
  /** Within a major (the first number of its version) any version reads what another wrote; another major reads none of it. */
  | { readonly kind: "within-major"; readonly program: string }
  /**
   * Release after release (the first two numbers of its version), none left out, and forward only: what it makes of its
   * data at a start, the release before can't read.
   */
  | {
      readonly kind: "one-by-one";
      readonly program: string;
      /** The releases there are, oldest first: `2026.5`, `2026.8`. */
      readonly releases: readonly string[];
      /** Name of the database that it keeps its data in, as `jlam restore --database` knows it. */
      readonly database: string;
    }
  /** Keeps nothing that another version couldn't read, but everybody waits while it is replaced: its versions come by themselves, with no application's. */
  | { readonly kind: "alone"; readonly program: string };

/** `withinMajor("PostgreSQL")`: another major needs another volume, and its data out of a recovery set. */
export const withinMajor = (program: string): Upgrade => ({ kind: "within-major", program });

/** `oneByOne("Authentik", { releases, database })`: forward only, and none left out. */
export const oneByOne = (program: string, { releases, database }: { readonly releases: readonly string[]; readonly database: Resource<"postgres"> }): Upgrade => ({ kind: "one-by-one", program, releases, database: database.name });

/** `alone("Traefik")`: a new version comes in a deploy of its own. */
export const alone = (program: string): Upgrade => ({ kind: "alone", program });

/** The version that an image's tag names: `3.7.15` of `v3.7.15`, `17.7` of `17.7-bookworm`; undefined where it names none. */
export const versionInTag = (tag: string): string | undefined => /^v?(\d+(?:\.\d+)*)(?![\d.])/.exec(tag)?.[1];
