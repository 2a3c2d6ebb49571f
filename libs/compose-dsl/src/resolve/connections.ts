import type { Edge } from "../model/edge.ts";
import type { Provider } from "../model/provider.ts";
import { resourceId } from "../model/resource.ts";
import type { AnyConnectionPart } from "../model/setting.ts";

type Parts = Partial<Record<AnyConnectionPart, string>>;

/** Where secret files appear in a container. */
export const secretPath = (file: string): string => `/run/secrets/${file}`;

export const passwordFile = (connection: string): string => `${variablePrefix(connection)}_PASSWORD`;
export const authorityFile = (connection: string): string => `${variablePrefix(connection)}_CA`;
const variablePrefix = (connection: string): string => connection.replaceAll("-", "_").toUpperCase();

/** Whether a connection signs in with a password, and so has a secret file. */
export const hasPassword = (edge: Edge, provider: Provider): boolean => edge.as !== undefined && provider.binding.user(edge.as) !== undefined;

/** Whether the server's certificate is checked against an authority that is given as a file. */
export const hasAuthority = ({ binding }: Provider): boolean => binding.tls.kind === "verify-full" && binding.tls.certificateAuthority === "own";

/** Everything a service may be told about a connection, by the name of the part. */
export function connectionParts(connection: string, edge: Edge, provider: Provider | undefined): Parts {
  if (edge.target.kind === "endpoint") {
    const { service, number } = edge.target;
    return { host: service, port: String(number), address: `${service}:${number}`, url: `http://${service}:${number}` };
  }
  if (!provider) return {};
  const { address, tls, user, facts } = provider.binding;
  const [host, port] = address.kind === "outside" ? [address.host, address.port] : [address.endpoint.service, address.endpoint.number];
  const login = edge.as === undefined ? undefined : user(edge.as);
  return {
    host,
    port: String(port),
    address: `${host}:${port}`,
    url: `${tls.kind === "off" ? "http" : "https"}://${host}:${port}`,
    tls: tls.kind,
    encrypted: String(tls.kind !== "off"),
    sslmode: tls.kind === "off" ? "disable" : "verify-full",
    ...(hasAuthority(provider) && { caFile: secretPath(authorityFile(connection)) }),
    ...(login !== undefined && { user: login, accessKey: login, passwordFile: secretPath(passwordFile(connection)) }),
    ...facts,
  };
}

/** Id of the password of a resource's login. */
export const credentialId = (resource: Parameters<typeof resourceId>[0], role: string): string => `${resourceId(resource)}.${role}`;

/** Names under which our own programs read a connection: `DATABASE_HOST`, `DATABASE_PASSWORD_FILE`. */
export function connectionVariables(connection: string, kind: Edge["target"]["kind"], parts: Parts): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  const prefix = variablePrefix(connection);
  for (const part of variablesOf[kind]) {
    const value = parts[part];
    if (value !== undefined) variables.set(`${prefix}_${part.replace(/File$/, "_file").replace(/Key$/, "_key").toUpperCase()}`, value);
  }
  return variables;
}

const variablesOf: { readonly [K in Edge["target"]["kind"]]: readonly AnyConnectionPart[] } = {
  postgres: ["host", "port", "name", "user", "passwordFile", "tls", "caFile"],
  redis: ["host", "port", "user", "passwordFile", "tls", "caFile"],
  objectStore: ["url", "bucket", "region", "accessKey", "passwordFile"],
  mail: ["host", "port", "from", "tls", "user", "passwordFile"],
  identity: ["issuer"],
  endpoint: ["url"],
};
