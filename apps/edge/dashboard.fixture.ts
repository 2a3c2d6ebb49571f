/** A small environment for tests: the real edge with its dashboard, and an outpost that knows who has signed in. */
import { environment, exec, identity, image, localAuthority, middleware, replaceableImages, resolveEnvironment, service, stack, stackProvider } from "@jlam/compose-dsl";
import { edgeStack } from "./stack.ts";

const outpost = service("outpost", {
  owner: "platform",
  zone: "identity",
  image: image("outpost", "docker.io/library/outpost:1.0", { probe: ["probe"] }),
  ports: { http: 9000 },
  health: exec(["true"]),
  resources: { memory: "64M", cpus: 0.25 },
});

const signIn = stackProvider(identity, {
  endpoint: outpost.ports.http,
  clients: { host: "auth", issuerPath: (client) => `/application/o/${client}/`, groups: ["administrators"], accountsPath: "/api" },
  wall: {
    outpost: outpost.ports.http,
    outpostPath: "/outpost",
    middleware: middleware("sign-in", { forwardAuth: { address: "http://outpost:9000/outpost/auth", trustForwardHeader: true, maxResponseBodySize: 1_048_576 } }),
  },
});

export const watched = resolveEnvironment(
  environment("watched", {
    domain: "example.org",
    host: { memory: "2G", cpus: 2 },
    range: "10.192.0.0/12",
    publishing: { address: "127.0.0.1", http: 80, https: 443 },
    stacks: [edgeStack({ dashboard: true }), stack("outpost", { services: [outpost] })],
    provides: [signIn],
    certificates: localAuthority(),
    images: replaceableImages,
  }),
);
