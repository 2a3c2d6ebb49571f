/** Keys that Traefik 3 no longer reads or is about to stop reading, and what takes their place. */

/** A key that must not be written any more. */
export interface RemovedKey {
  /** Its path below `traefik.` as a label, in lower case; `*` is any name. What stands below it counts too. */
  readonly key: string;
  /** The version of Traefik that stopped reading it or began to warn of it. */
  readonly since: `${number}.${number}` | `${number}.${number}.${number}`;
  /** What to write instead, as a sentence without a full stop. */
  readonly instead: string;
}

const REDIRECT = "use redirections of the entry point, or the middleware redirectScheme";

/**
 * Source: the fields marked as deprecated in Traefik's configuration structs at v3.7.9 and its
 * migration guides from 2 to 3 and from 3.x to 3.7.
 */
export const REMOVED_KEYS: readonly RemovedKey[] = [
  { key: "http.middlewares.*.ipwhitelist", since: "3.0", instead: "use the middleware ipAllowList" },
  { key: "tcp.middlewares.*.ipwhitelist", since: "3.0", instead: "use the middleware ipAllowList" },
  { key: "http.middlewares.*.headers.sslredirect", since: "3.0", instead: REDIRECT },
  { key: "http.middlewares.*.headers.ssltemporaryredirect", since: "3.0", instead: REDIRECT },
  { key: "http.middlewares.*.headers.sslhost", since: "3.0", instead: "use the middleware redirectRegex" },
  { key: "http.middlewares.*.headers.sslforcehost", since: "3.0", instead: "use the middleware redirectRegex" },
  { key: "http.middlewares.*.headers.featurepolicy", since: "3.0", instead: "use headers.permissionsPolicy" },
  { key: "http.middlewares.*.stripprefix.forceslash", since: "3.0", instead: "leave it out: the path always keeps its slash" },
  { key: "http.middlewares.*.contenttype.autodetect", since: "3.0", instead: "write the middleware contentType without options" },
  { key: "http.middlewares.*.forwardauth.tls.caoptional", since: "3.0", instead: "leave it out: it is an option of servers" },
  { key: "http.routers.*.rulesyntax", since: "3.4", instead: "write the rule in the v3 syntax, with rule.ts" },
  { key: "tcp.routers.*.rulesyntax", since: "3.4", instead: "write the rule in the v3 syntax" },
  { key: "tcp.services.*.loadbalancer.terminationdelay", since: "3.0", instead: "use terminationDelay of a serversTransport in the file provider" },
  { key: "tcp.services.*.loadbalancer.proxyprotocol", since: "3.5.2", instead: "use proxyProtocol of a serversTransport in the file provider" },
];
