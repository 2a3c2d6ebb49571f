/** Who can provide an S3 bucket: a container of ours, or a managed object store. */
import {
  bytes,
  containerProvider,
  coveredBy,
  credential,
  derived,
  exec,
  image,
  originOf,
  outsideProvider,
  service,
  volume,
  type Limits,
  type Provider,
  type Resource,
} from "@jlam/compose-dsl";
import { identities, storeArguments, storePorts } from "./configuration.ts";
import { storeUsers, type BucketUse, type StoreUser } from "./rights.ts";

const seaweedfsImage = image("seaweedfs", "docker.io/chrislusf/seaweedfs:4.48");

/**
 * Healthy when S3 answers and the volume server has announced its volumes: before that, reading an object fails. After a
 * restart S3 may still answer 500 for a few seconds (up to 3 were measured), until its master knows them; S3 clients try
 * again.
 * BusyBox' wget is in both images, takes several addresses, and fails when one does.
 */
const alive = [
  "wget", "-q", "-T", "3", "-O", "/dev/null",
  `http://127.0.0.1:${storePorts.s3}/healthz`,
  `http://127.0.0.1:${storePorts.volume}/healthz`,
] as const;

export { bucketPolicy, type Applications } from "./bucket-policy.ts";

/**
 * SeaweedFS in a container of ours, for one bucket. It takes 30 MiB of memory at rest and 200 under load; whoever asks for
 * a large object whole makes it read ahead, up to 2 GiB, until the kernel ends it. Ask for ranges, as the engine does.
 */
export function objectStoreContainer<const N extends string>(store: Resource<"objectStore", N>, resources: Limits, use: BucketUse = { prunerReads: [] }): Provider<Resource<"objectStore", N>> {
  const server = service(`object-store-${store.name}`, {
    owner: store.owner,
    zone: store.zone,
    holds: store.holds,
    image: seaweedfsImage,
    user: "1000:1000",
    entrypoint: ["weed"],
    command: storeArguments("/run/secrets/IDENTITIES"),
    ports: { s3: storePorts.s3 },
    health: exec(alive, { interval: "5s", startPeriod: "60s" }),
    secrets: {
      IDENTITIES: derived({ writer: credential(store, "writer"), reader: credential(store, "reader"), pruner: credential(store, "pruner") }, (secretKeys) =>
        identities(store.name, use, secretKeys),
      ),
    },
    // Go's collector keeps to this; the rest of the limit is for what it does not count.
    settings: { GOMEMLIMIT: Math.floor(bytes(resources.memory).bytes * 0.8) },
    mounts: {
      "/data": volume(`object-store-${store.name}`, { holds: store.holds, backup: coveredBy(store) }),
    },
    resources,
    // On SIGTERM its filer waits 15 s for a subscriber of its own that never leaves, and only then stops the volumes.
    stopGrace: "20s",
  });
  return containerProvider(
    store,
    // Any region is right here; clients insist on one, and signatures only need both sides to name the same.
    { service: server, endpoint: server.ports.s3, user: (role) => role, facts: { bucket: store.name, region: "us-east-1" } },
    originOf(objectStoreContainer),
  );
}

/** A bucket of a cloud provider, over TLS with a certificate that every system knows. Its keys come from there too. */
export function managedObjectStore<const N extends string>(
  store: Resource<"objectStore", N>,
  options: { readonly host: string; readonly bucket: string; readonly region: string; readonly accessKeys: Readonly<Record<StoreUser, string>> },
): Provider<Resource<"objectStore", N>> {
  return outsideProvider(
    store,
    {
      host: options.host,
      port: 443,
      tls: { kind: "verify-full", certificateAuthority: "public" },
      passwords: "theirs",
      user: (role) => options.accessKeys[storeUsers.find((user) => user === role) ?? "writer"],
      facts: { bucket: options.bucket, region: options.region },
    },
    originOf(managedObjectStore),
  );
}
