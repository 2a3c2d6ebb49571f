import type { Provider } from "../model/provider.ts";
import { identity, resourceId } from "../model/resource.ts";
import { accountsToken, clientSecret, generated, provided, type ClientSecret, type Secret } from "../model/secret.ts";
import type { ServiceNode } from "../model/service.ts";
import { authorityFile, credentialId, hasAuthority, hasPassword, passwordFile } from "./connections.ts";
import { accountsTokenFile, clientSecretFile, clientSecretId } from "./sign-in.ts";
import type { ResolvedEdge, ResolvedSecret, ResolvedService } from "./resolved.ts";
import { declared, derivedFrom } from "./why.ts";

type SecretFiles = Map<string, ResolvedService["secrets"][number][]>;

interface Draft {
  source: ResolvedSecret["source"];
  inputs: Readonly<Record<string, string>>;
  consumers: { service: string; file: string }[];
  at: ResolvedSecret["at"];
}

/** A password of ours: 192 bits, more than anything that could be guessed, and short enough for every program. */
const password = generated({ bytes: 24 });

/** The values of an environment's secrets, and for each service the files that it sees. */
export function resolveSecrets(
  services: readonly ServiceNode[],
  edges: readonly ResolvedEdge[],
  providers: ReadonlyMap<string, Provider>,
): { readonly secrets: ReadonlyMap<string, ResolvedSecret>; readonly files: SecretFiles } {
  const drafts = new Map<string, Draft>();
  const files: SecretFiles = new Map();
  const consume = (id: string, draft: Omit<Draft, "consumers">, file: ResolvedService["secrets"][number], service: string): void => {
    const known = drafts.get(id) ?? { ...draft, consumers: [] };
    drafts.set(id, known);
    known.consumers.push({ service, file: file.file });
    const list = files.get(service) ?? [];
    files.set(service, list);
    list.push(file);
  };
  for (const service of services) {
    for (const [name, secret] of Object.entries(service.secrets)) {
      for (const [input, source] of Object.entries(secret.kind === "derived" ? secret.from : {})) {
        const id = secretId(service.name, input, source);
        if (!drafts.has(id)) drafts.set(id, { source: sourceOf(source, providers), inputs: {}, consumers: [], at: service.at });
      }
      const id = secretId(service.name, name, secret);
      const why = declared(service.at, `secrets.${name}`);
      consume(id, { source: sourceOf(secret, providers), inputs: inputsOf(service, secret), at: service.at }, { id, file: name, why }, service.name);
    }
  }
  for (const client of services) {
    const identityProvider = providers.get(resourceId(identity));
    if (client.signIn?.kind !== "oidc" || !identityProvider) continue;
    const share = (secret: ClientSecret, file: string, because: string): void => {
      const id = clientSecretId(secret);
      const why = derivedFrom(client.at, because, "signIn");
      consume(id, { source: clientSecretSource(secret, identityProvider), inputs: {}, at: client.at }, { id, file, why }, client.name);
    };
    share(clientSecret(client.name), clientSecretFile, "proves to the identity provider that the service is itself");
    if (client.signIn.accounts === "erase") share(accountsToken(client.name), accountsTokenFile, "lets it remove the account of somebody who asks to be forgotten");
  }
  for (const { from, connection, edge } of edges) {
    if (connection === undefined || edge.target.kind === "endpoint") continue;
    const provider = providers.get(resourceId(edge.target));
    if (!provider || edge.as === undefined) continue;
    const field = `connects.${connection}`;
    if (hasPassword(edge, provider)) {
      const id = credentialId(edge.target, edge.as);
      const file = { id, file: passwordFile(connection), why: derivedFrom(edge.at, `the password of ${edge.as} in ${edge.target.kind} "${edge.target.name}"`, field) };
      consume(id, { source: passwordSource(provider), inputs: {}, at: provider.at }, file, from.name);
    }
    if (hasAuthority(provider)) {
      const id = credentialId(edge.target, "certificate-authority");
      const file = { id, file: authorityFile(connection), why: derivedFrom(provider.at, "the authority that signed its server's certificate", field) };
      consume(id, { source: provided(`PEM certificate of the authority of ${edge.target.kind} "${edge.target.name}"`), inputs: {}, at: provider.at }, file, from.name);
    }
  }
  return { secrets: new Map([...drafts].map(([id, draft]) => [id, { id, ...draft }])), files };
}

function secretId(service: string, name: string, secret: Secret): string {
  switch (secret.kind) {
    case "credential":
      return credentialId(secret.resource, secret.role);
    case "client-secret":
      return clientSecretId(secret);
    case "generated":
      return secret.sharedAs ?? `${service}.${name}`;
    case "issued":
      return `certificate.${secret.part}`;
    case "provided":
    case "derived":
      return `${service}.${name}`;
  }
}

function sourceOf(secret: Secret, providers: ReadonlyMap<string, Provider>): ResolvedSecret["source"] {
  switch (secret.kind) {
    case "credential": {
      const provider = providers.get(resourceId(secret.resource));
      return provider ? passwordSource(provider) : password;
    }
    case "client-secret":
      return clientSecretSource(secret, providers.get(resourceId(identity)));
    default:
      return secret;
  }
}

function clientSecretSource({ client, purpose }: ClientSecret, provider: Provider | undefined): ResolvedSecret["source"] {
  const what = purpose === "sign-in" ? "secret" : "token for accounts";
  return provider?.binding.passwords === "theirs" ? provided(`${what} of the client "${client}", from whoever runs the identity provider`) : password;
}

function passwordSource({ binding, provides }: Provider): ResolvedSecret["source"] {
  return binding.passwords === "ours" ? password : provided(`password of ${provides.kind} "${provides.name}", from whoever runs it`, { minLength: 8 });
}

function inputsOf(service: ServiceNode, secret: Secret): Readonly<Record<string, string>> {
  if (secret.kind !== "derived") return {};
  const inputs: Record<string, string> = {};
  for (const [name, input] of Object.entries(secret.from)) inputs[name] = secretId(service.name, name, input);
  return inputs;
}
