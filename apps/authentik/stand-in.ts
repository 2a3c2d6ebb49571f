/** The stand-in for Authentik, where its image can't be had: the same host, paths and issuers, with accounts for demonstrations. */
import {
  build,
  environmentName,
  file,
  generated,
  http,
  jsonLines,
  port,
  service,
  stack,
  url,
  type Surroundings,
} from "@jlam/compose-dsl";
import { node } from "@jlam/platform";
import { demoAccounts } from "@jlam/platform/demo-accounts";
import { accountsTokenName, clientSecretName, signInSecrets, signInsOf, type SignIns } from "./blueprints/sign-ins.ts";
import { host, ports, programs } from "./stack.ts";

const secretPath = (name: string): string => `/run/secrets/${name}`;

/** What a client is known by, as the program reads it from its variable CLIENTS. */
const clientsOf = ({ clients }: SignIns) =>
  clients.map(({ name, callback, signOutUrl, signIn }) => ({
    id: name,
    callbackUrl: callback,
    signOutUrl,
    secretFile: secretPath(clientSecretName(name)),
    ...(signIn.accounts === "erase" && { accountsTokenFile: secretPath(accountsTokenName(name)) }),
  }));

/** Hosts behind the wall, as browsers write them, and the groups that may pass. */
const protectedHosts = ({ walled }: SignIns): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(walled.map(({ origin, signIn }) => [new URL(origin).host, signIn.groups]));

function standIn(around: Surroundings) {
  const signIns = signInsOf(around, host);
  return service("sign-in-stand-in", {
    owner: "platform",
    zone: "identity",
    image: build("sign-in-stand-in", { folder: "apps/sign-in-stand-in", base: node, probe: ["node", "/app/probe.js"] }),
    standsInFor: [programs.server, programs.worker],
    ports: { http: ports.http },
    health: http("http", "/-/health/live/", { interval: "5s" }),
    secrets: {
      DEMO_PASSWORD: generated({ bytes: 16, forPeople: `the password of the demo accounts ${demoAccounts.map(({ username }) => username).join(", ")}` }),
      ...signInSecrets(signIns),
    },
    settings: {
      ENVIRONMENT: environmentName(),
      HTTP_PORT: port("http"),
      SIGN_IN_ORIGIN: url(host),
      DEMO_PASSWORD_FILE: file("DEMO_PASSWORD"),
      CLIENTS: JSON.stringify(clientsOf(signIns)),
      PROTECTED_HOSTS: JSON.stringify(protectedHosts(signIns)),
    },
    logs: jsonLines({ level: "level", message: "msg" }),
    resources: { memory: "160M", cpus: 0.5 },
  });
}

export default stack("sign-in-stand-in", (around) => ({ services: [standIn(around)] }));
