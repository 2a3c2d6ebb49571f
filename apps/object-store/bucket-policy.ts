/** The rights of a bucket's logins as a bucket policy of Scaleway, which allows nothing that it doesn't name. */
import { rightsOf, storeUsers, type BucketUse, type StoreUser } from "./rights.ts";

/** Ids of Scaleway's IAM applications: policies name these, and not the API keys that belong to them. */
export type Applications = Readonly<Record<StoreUser, string>>;

/**
 * As `aws s3api put-bucket-policy` takes it. In version 2023-04-17 only what is allowed here is allowed, save for the
 * organisation's owner, who must make the bucket: "CreateBucket" isn't in it.
 */
export function bucketPolicy(bucket: string, use: BucketUse, applications: Applications): string {
  const statements = storeUsers.flatMap((user) =>
    rightsOf(user, use).map(({ actions, paths }, index) => ({
      Sid: `${user}-${index + 1}`,
      Effect: "Allow",
      Principal: { SCW: `application_id:${applications[user]}` },
      Action: actions.filter((action) => action !== "s3:CreateBucket"),
      Resource: paths.length === 0 ? bucket : paths.map((path) => `${bucket}${path}`),
    })),
  );
  return `${JSON.stringify({ Version: "2023-04-17", Id: bucket, Statement: statements }, null, 2)}\n`;
}
