/** Image references as Docker reads them: `postgres:17` is `docker.io/library/postgres:17`. */

export interface ImageReference {
  /** Host and port, such as `docker.io`, `ghcr.io` or `127.0.0.1:5000`. */
  readonly registry: string;
  /** Path within the registry, such as `library/postgres`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Splits a reference into its parts. The first part is a host if it has a dot or a port, or is `localhost`. */
export function parseReference(reference: string): ImageReference {
  const [withoutDigest = "", digest] = reference.split("@");
  const lastSlash = withoutDigest.lastIndexOf("/");
  const colon = withoutDigest.indexOf(":", lastSlash + 1);
  const path = colon < 0 ? withoutDigest : withoutDigest.slice(0, colon);
  const tag = colon < 0 ? undefined : withoutDigest.slice(colon + 1);
  const [first = "", ...rest] = path.split("/");
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const registry = hasHost ? first : "docker.io";
  const repository = hasHost ? rest.join("/") : path;
  return {
    registry: registry === "index.docker.io" ? "docker.io" : registry,
    repository: registry === "docker.io" && !repository.includes("/") ? `library/${repository}` : repository,
    tag,
    digest,
  };
}

/** The reference with everything said that Docker would add: `postgres` is `docker.io/library/postgres:latest`. */
export function fullReference(reference: string): string {
  const { registry, repository, tag, digest } = parseReference(reference);
  return digest === undefined ? `${registry}/${repository}:${tag ?? "latest"}` : `${registry}/${repository}@${digest}`;
}

/**
 * Whether an image of `offered` may stand where `wanted` is named: same repository, and a version that begins with
 * the offered one at a dot or dash (`postgres:17` serves `postgres:17.7` and `postgres:17-bookworm`, not `postgres:18`).
 * A leading v of a tag doesn't count.
 */
export function standsInFor(offered: string, wanted: string): boolean {
  const [a, b] = [parseReference(offered), parseReference(wanted)];
  if (a.registry !== b.registry || a.repository !== b.repository || a.tag === undefined || b.tag === undefined) return false;
  const [version, tag] = [a.tag.replace(/^v/, ""), b.tag.replace(/^v/, "")];
  return tag === version || tag.startsWith(`${version}.`) || tag.startsWith(`${version}-`);
}
