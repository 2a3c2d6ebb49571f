/** How SeaweedFS is started as an S3 object store, and who may do what in its bucket. */

/** Logins of the store; each has the name of its role as access key and its password as secret key. */
export type StoreUser = "writer" | "reader";

/** Ports of SeaweedFS in the container. Of these only `s3` is reachable from outside it. */
export const storePorts = { s3: 8333, master: 9333, volume: 8080, filer: 8888 } as const;

/**
 * The identities as SeaweedFS' `-s3.config` takes them, rights limited to one bucket. `Admin` on the bucket lets the
 * writer create it and set versions, object lock and lifecycle rules; other buckets stay closed to it. There is no
 * anonymous identity, so a request that is not signed is refused.
 *
 * It holds the secret keys themselves, because S3 signatures need them on both sides: a secret file, never a
 * configuration file.
 */
export function identities(bucket: string, secretKeys: Readonly<Record<StoreUser, string>>): string {
  const identity = (user: StoreUser, actions: readonly string[]) => ({
    name: user,
    credentials: [{ accessKey: user, secretKey: secretKeys[user] }],
    actions: actions.map((action) => `${action}:${bucket}`),
  });
  const document = {
    identities: [identity("writer", ["Admin", "Read", "Write", "List", "Tagging"]), identity("reader", ["Read", "List"])],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * Arguments of `weed`: master, volume server, filer and S3 in one process.
 *
 * Master, volume server and filer speak HTTP and gRPC without signing in, and the filer reads every object: they listen
 * on the loopback address only, S3 on all. (So does S3's own gRPC port, 18333, which has no address of its own to bind:
 * whoever shares a network with the store reaches it, and that is its consumers alone.) Each bucket takes up to seven volumes of 256 MiB at first; small ones let a
 * store that is nearly empty stay small. IAM, Iceberg and Lance servers, which S3 starts by itself, are off, and so is
 * the daily report of statistics to the makers of SeaweedFS.
 *
 * @param identitiesFile where the container finds {@link identities}
 */
export function storeArguments(identitiesFile: string): readonly string[] {
  const { s3, master, volume, filer } = storePorts;
  return [
    // First of all, or weed takes it for an option of `server`.
    "-logtostderr=true",
    "server",
    "-dir=/data",
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    `-master.port=${master}`,
    "-master.volumeSizeLimitMB=256",
    "-master.telemetry=false",
    `-volume.port=${volume}`,
    // Zero: as many volumes as the disk has room for.
    "-volume.max=0",
    // Waiting before the end is for clusters, in which others must notice.
    "-volume.preStopSeconds=0",
    "-filer=true",
    `-filer.port=${filer}`,
    "-s3=true",
    "-s3.ip.bind=0.0.0.0",
    `-s3.port=${s3}`,
    `-s3.config=${identitiesFile}`,
    "-s3.allowDeleteBucketNotEmpty=false",
    "-s3.iam=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
  ];
}
