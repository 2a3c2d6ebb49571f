/** Who may do what in a bucket: one table, which SeaweedFS' identities and Scaleway's bucket policy are made from. */

/** Logins of the store; at SeaweedFS each has the name of its role as access key and its password as secret key. */
export type StoreUser = "writer" | "reader" | "pruner";

export const storeUsers = ["writer", "reader", "pruner"] as const satisfies readonly StoreUser[];

/** What is special about a bucket. */
export interface BucketUse {
  /** Prefixes of what the pruner may read, such as `verified/`; of all the rest it sees names and sizes alone. */
  readonly prunerReads: readonly `${string}/`[];
}

/** Actions by the names that S3's own policies have for them, and the paths below the bucket that they are for. */
export interface Right {
  readonly actions: readonly `s3:${string}`[];
  /** Empty for the bucket itself. */
  readonly paths: readonly `/${string}`[];
}

/**
 * The writer reads what it wrote (it copies it to the second region) and deletes nothing: whoever takes the machine can
 * spoil no backup. The pruner deletes and lists, writes nothing, and reads no set: whoever takes it learns no name in them,
 * and what is locked it can't delete either. Only the writer may make the bucket, with the settings that it asserts.
 */
export function rightsOf(user: StoreUser, { prunerReads }: BucketUse): readonly Right[] {
  const onBucket = (...names: readonly string[]): Right => ({ actions: names.map((name) => `s3:${name}` as const), paths: [] });
  const onObjects = (paths: Right["paths"], ...names: readonly string[]): Right => ({ actions: names.map((name) => `s3:${name}` as const), paths });
  switch (user) {
    case "writer":
      return [
        onBucket("CreateBucket", "ListBucket", "ListBucketVersions", "ListBucketMultipartUploads", "GetBucketVersioning", "PutBucketVersioning", "GetBucketObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
        onObjects(["/*"], "GetObject", "PutObject", "PutObjectRetention", "AbortMultipartUpload", "ListMultipartUploadParts"),
      ];
    case "reader":
      return [onBucket("ListBucket"), onObjects(["/*"], "GetObject")];
    case "pruner":
      return [
        onBucket("ListBucket", "ListBucketVersions"),
        ...(prunerReads.length === 0 ? [] : [onObjects(prunerReads.map((prefix) => `/${prefix}*` as const), "GetObject")]),
        onObjects(["/*"], "DeleteObject", "DeleteObjectVersion"),
      ];
  }
}
