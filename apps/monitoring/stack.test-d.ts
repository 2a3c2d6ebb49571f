/** An environment that has no mail or nobody who signs people in can't take up monitoring. */
import { environment, localAuthority, replaceableImages } from "@jlam/compose-dsl";
import { monitoringStack } from "./stack.ts";

const place = {
  domain: "example.org",
  host: { memory: "8G", cpus: 4 },
  range: "10.192.0.0/12",
  publishing: { address: "127.0.0.1", http: 80, https: 443 },
  certificates: localAuthority(),
  images: replaceableImages,
} as const;

environment("without", {
  ...place,
  stacks: [monitoringStack({ contacts: { mail: "people@example.org" } })],
  // @ts-expect-error mail "outgoing" and identity "sign-in" are needed by a stack of this environment, and nothing provides it
  provides: [],
});
