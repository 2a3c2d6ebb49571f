/** How SeaweedFS is started as an S3 object store, and how it is told who may do what in its bucket. */
import { rightsOf, storeUsers, type BucketUse, type StoreUser } from "./rights.ts";

/** Ports of SeaweedFS in the container. Of these only `s3` is reachable from outside it. */
export const storePorts = { s3: 8333, master: 9333, volume: 8080, filer: 8888 } as const;

/**
 * The identities as SeaweedFS' `-s3.config` takes them, each with a policy of its own, whose rights are those of
 * {@link rightsOf} in one bucket. There is no anonymous identity, so a request that is not signed is refused.
 *
 * It holds the secret keys themselves, because S3 signatures need them on both sides: a secret file, never a
 * configuration file.
 */
export function identities(bucket: string, use: BucketUse, secretKeys: Readonly<Record<StoreUser, string>>): string {
  const arn = (path: string): string => `arn:aws:s3:::${bucket}${path}`;
  const policy = (user: StoreUser) => ({
    Version: "2012-10-17",
    Statement: rightsOf(user, use).map(({ actions, paths }) => ({ Effect: "Allow", Action: actions, Resource: paths.length === 0 ? [arn("")] : paths.map(arn) })),
  });
  const document = {
    identities: storeUsers.map((user) => ({ name: user, credentials: [{ accessKey: user, secretKey: secretKeys[user] }], actions: [], policyNames: [user] })),
    policies: storeUsers.map((user) => ({ name: user, content: JSON.stringify(policy(user)) })),
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
