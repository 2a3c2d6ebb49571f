/** The dashboard needs somebody who signs people in, and an edge without it doesn't. The compiler is the test. */
import { environment, localAuthority, replaceableImages } from "@jlam/compose-dsl";
import edge, { edgeStack } from "./stack.ts";

const rest = {
  domain: "example.org",
  host: { memory: "2G", cpus: 2 },
  range: "10.192.0.0/12",
  publishing: { address: "127.0.0.1", http: 80, https: 443 },
  certificates: localAuthority(),
  images: replaceableImages,
} as const;

environment("plain", { ...rest, stacks: [edge], provides: [] });
environment("off", { ...rest, stacks: [edgeStack({ dashboard: false })], provides: [] });
// @ts-expect-error identity "sign-in" is needed, and nothing provides it
environment("watched", { ...rest, stacks: [edgeStack({ dashboard: true })], provides: [] });
