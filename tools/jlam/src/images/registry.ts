/** A small client of the OCI distribution API: is a registry there, and which digest does a tag have now. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { parseReference, type ImageReference } from "./reference.ts";
import { messageOf } from "../terminal/failure.ts";

/** Why a reference could not be resolved, in words for a person. */
export class RegistryError extends Error {}

const requestLimit = 30_000;

/** Multi-platform indexes first, then what an image for one platform has. */
const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const tokenAnswer = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** Whether something that speaks the distribution API answers at a registry (`docker.io`, `127.0.0.1:5000`) in time. */
export async function registryAnswers(registry: string, limit = 3_000): Promise<boolean> {
  try {
    const answer = await fetch(`${address(registry)}/v2/`, { signal: AbortSignal.timeout(limit) });
    // 401 is the usual answer: the API is there, and wants a token even for public images. The header tells a registry
    // from a network's login page, which answers everything with 200.
    if (answer.status === 401) return answer.headers.has("www-authenticate");
    return answer.ok && answer.headers.has("docker-distribution-api-version");
  } catch {
    return false;
  }
}

/**
 * The digest that a `repository:tag` has now: that of the index over all platforms where there is one. The digest is
 * computed from what the registry sent, so it can't be one that nobody resolved.
 * Throws a RegistryError that says what the registry answered, or that it doesn't.
 */
export async function resolveDigest(reference: string): Promise<string> {
  const image = parseReference(reference);
  if (image.tag === undefined) throw new RegistryError("has no tag");
  const url = `${address(image.registry)}/v2/${image.repository}/manifests/${image.tag}`;
  let answer = await get(url, image, undefined);
  if (answer.status === 401) answer = await get(url, image, await fetchToken(answer, image));
  if (answer.status === 404) throw new RegistryError(`${image.registry} has no ${image.repository}:${image.tag}`);
  if (!answer.ok) throw new RegistryError(`${image.registry} answered ${answer.status} ${answer.statusText}`.trimEnd());
  const digest = `sha256:${createHash("sha256").update(await answer.bytes()).digest("hex")}`;
  const claimed = answer.headers.get("docker-content-digest");
  if (claimed !== null && claimed !== digest) {
    throw new RegistryError(`${image.registry} sent a manifest that does not have the digest it claims (${claimed})`);
  }
  return digest;
}

/** Asks for a token as the 401 answer says (`www-authenticate: Bearer realm="…",service="…",scope="…"`). */
async function fetchToken(answer: Response, image: ImageReference): Promise<string> {
  const challenge = answer.headers.get("www-authenticate") ?? "";
  const parameters = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]));
  const realm = parameters.get("realm");
  if (!/^bearer /i.test(challenge) || realm === undefined) {
    throw new RegistryError(`${image.registry} wants a login, and only public images can be locked`);
  }
  const url = new URL(realm);
  url.searchParams.set("service", parameters.get("service") ?? image.registry);
  url.searchParams.set("scope", parameters.get("scope") ?? `repository:${image.repository}:pull`);
  const granted = await get(url.href, image, undefined);
  if (!granted.ok) throw new RegistryError(`${url.host} gave no token for ${image.repository}: ${granted.status}`);
  const { token, access_token } = tokenAnswer.parse(await granted.json());
  const value = token ?? access_token;
  if (value === undefined) throw new RegistryError(`${url.host} answered without a token for ${image.repository}`);
  return value;
}

async function get(url: string, image: ImageReference, token: string | undefined): Promise<Response> {
  const headers = { accept: manifestTypes, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(requestLimit) });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new RegistryError(`${image.registry} does not answer (${messageOf(cause)})`);
  }
}

/** HTTPS everywhere but on this machine, as Docker itself has it. */
function address(registry: string): string {
  const local = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/.test(registry);
  return `${local ? "http" : "https"}://${registry === "docker.io" ? "registry-1.docker.io" : registry}`;
}
