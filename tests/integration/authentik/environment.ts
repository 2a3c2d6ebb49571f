/** A small environment around the real Authentik: a client that signs people in, two walled pages, database and mail. */
import authentik, { database, signIn } from "@jlam/authentik/stack";
import { atVersions, environment, exec, forwardAuth, localAuthority, oidc, replaceableImages, resolveEnvironment, route, service, stack } from "@jlam/compose-dsl";
import edge from "@jlam/edge/stack";
import { mailCatcher } from "@jlam/mail";
import { node, outgoingMail } from "@jlam/platform";
import { postgresContainer } from "@jlam/postgres";
import { givenVersions } from "../../../tools/jlam/src/images/given-version.ts";

/** Answers with the headers that reached it, and keeps the bodies that were posted to it, for /told. */
const program = `
const told = [];
require("node:http").createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => { body += chunk; }).on("end", () => {
    if (request.method === "POST") told.push({ path: request.url, body });
    response.setHeader("content-type", "application/json").end(JSON.stringify(request.url === "/told" ? told : { headers: request.rawHeaders }));
  });
}).listen(3000);
`;

const echo = {
  owner: "platform",
  image: node,
  command: ["node", "-e", program],
  ports: { http: 3000 },
  health: exec(["node", "-e", 'fetch("http://127.0.0.1:3000").then(() => process.exit(0), () => process.exit(1))']),
  resources: { memory: "96M", cpus: 0.5 },
} as const;

export const client = { name: "application", callback: "/auth/callback", signedOut: "/auth/backchannel-logout" } as const;

const application = service(client.name, {
  ...echo,
  signIn: oidc({ callback: client.callback, groups: ["members"], backChannelLogout: client.signedOut, accounts: "erase" }),
});
const monitor = service("monitor", { ...echo, signIn: forwardAuth({ groups: ["administrators", "operators"] }) });
const metrics = service("metrics", { ...echo, signIn: forwardAuth({ groups: ["administrators"] }) });

const pages = stack("pages", {
  services: [application, monitor, metrics],
  routes: [route(application.ports.http, { host: "@" }), route(monitor.ports.http, { host: "monitor" }), route(metrics.ports.http, { host: "metrics" })],
});

const declared = resolveEnvironment(
  environment("authentik-test", {
    domain: "jlam.test",
    host: { memory: "6G", cpus: 2 },
    // Behind the test environment for ACME (10.192.0.0/16).
    range: "10.193.0.0/16",
    publishing: { address: "127.0.0.1", http: 13080, https: 13443 },
    stacks: [edge, authentik, pages],
    provides: [postgresContainer(database, { memory: "384M", cpus: 1 }), mailCatcher(outgoingMail), signIn],
    certificates: localAuthority(),
    images: replaceableImages,
  }),
);

const versions = await givenVersions(declared);

/** For the version of the image that JLAM_IMAGE_AUTHENTIK gives. */
export const authentikTest = versions.length === 0 ? declared : resolveEnvironment(atVersions(declared.node, new Map(versions.map(({ image, version }) => [image, version]))));

const { domain } = authentikTest.node;
export const { publishing } = authentikTest.node;

/** Origin of a host of the environment, as browsers name it: `@` is the domain itself. */
export const originOf = (host: string): string => `https://${host === "@" ? domain : `${host}.${domain}`}:${publishing.https}`;
