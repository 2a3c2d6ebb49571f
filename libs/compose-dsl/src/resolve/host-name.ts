import type { EnvironmentNode } from "../model/environment.ts";

/** `@` is the domain, a name without a dot its subdomain, anything else a full name. */
export const hostName = (domain: string, host: string): string => (host === "@" ? domain : host.includes(".") ? host : `${host}.${domain}`);

/** The https address under which the edge answers for `host`; the port is said where browsers don't assume it. */
export function publicUrl({ domain, publishing }: Pick<EnvironmentNode, "domain" | "publishing">, host: string, path = ""): string {
  return `https://${hostName(domain, host)}${publishing.https === 443 ? "" : `:${publishing.https}`}${path}`;
}
