import { connect } from "node:net";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { notBackedUp, objectStore } from "@jlam/compose-dsl";
import { objectStoreContainer } from "@jlam/object-store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageOnThisMachine, startProvided, type RunningService } from "./provided-service.ts";

const provider = objectStoreContainer(
  objectStore("files", { owner: "platform", holds: "no-personal-data", backup: notBackedUp("a test") }),
  { memory: "384M", cpus: 1 },
  { prunerReads: ["markers/"] },
);
const node = provider.services[0];
const image = node && (await imageOnThisMachine(node));

/** The code of S3's refusal, or "none". */
async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(() => "none", (error: unknown) => (error instanceof S3ServiceException ? error.name : String(error)));
}

describe.skipIf(image === undefined)(`SeaweedFS in a container (${image ?? "no image on this machine"})`, () => {
  let server: RunningService;
  let writer: S3Client;
  let reader: S3Client;
  let pruner: S3Client;

  const keyOf = (user: "writer" | "reader" | "pruner"): string => server.secrets[0]?.sources[user] ?? "";
  const clientOf = (accessKeyId: string, secretAccessKey: string): S3Client =>
    new S3Client({
      endpoint: `http://${server.host}:8333`,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });

  beforeAll(async () => {
    server = await startProvided(provider, image ?? "");
    return () => server.stop();
  }, 150_000);

  beforeAll(async () => {
    writer = clientOf("writer", keyOf("writer"));
    reader = clientOf("reader", keyOf("reader"));
    pruner = clientOf("pruner", keyOf("pruner"));
    await writer.send(new CreateBucketCommand({ Bucket: "files" }));
    await writer.send(new PutObjectCommand({ Bucket: "files", Key: "first", Body: "kept" }));
    await writer.send(new PutObjectCommand({ Bucket: "files", Key: "markers/first", Body: "seen" }));
    await writer.send(new PutObjectCommand({ Bucket: "files", Key: "old/first", Body: "over" }));
  }, 60_000);

  afterAll(() => {
    writer.destroy();
    reader.destroy();
    pruner.destroy();
  });

  test("the reader reads and lists what the writer wrote", async () => {
    const { Body } = await reader.send(new GetObjectCommand({ Bucket: "files", Key: "first" }));
    expect(await Body?.transformToString()).toBe("kept");
    const { Contents } = await reader.send(new ListObjectsV2Command({ Bucket: "files" }));
    expect(Contents?.map((object) => object.Key)).toEqual(["first", "markers/first", "old/first"]);
  });

  test("the reader can neither write nor delete", async () => {
    expect(await refusal(reader.send(new PutObjectCommand({ Bucket: "files", Key: "second", Body: "x" })))).toBe("AccessDenied");
    expect(await refusal(reader.send(new DeleteObjectCommand({ Bucket: "files", Key: "first" })))).toBe("AccessDenied");
  });

  test("the writer can delete nothing, by whichever request", async () => {
    expect(await refusal(writer.send(new DeleteObjectCommand({ Bucket: "files", Key: "first" })))).toBe("AccessDenied");
    const { Errors = [] } = await writer.send(new DeleteObjectsCommand({ Bucket: "files", Delete: { Objects: [{ Key: "first" }] } }));
    expect(Errors.map(({ Code }) => Code)).toEqual(["AccessDenied"]);
    expect(await refusal(writer.send(new DeleteBucketCommand({ Bucket: "files" })))).toBe("AccessDenied");
    expect(await refusal(reader.send(new GetObjectCommand({ Bucket: "files", Key: "first" })))).toBe("none");
  });

  test("the pruner reads what it was given to read, and of all the rest the names alone", async () => {
    const { Body } = await pruner.send(new GetObjectCommand({ Bucket: "files", Key: "markers/first" }));
    expect(await Body?.transformToString()).toBe("seen");
    expect(await refusal(pruner.send(new GetObjectCommand({ Bucket: "files", Key: "first" })))).toBe("AccessDenied");
    expect((await pruner.send(new ListObjectsV2Command({ Bucket: "files" }))).Contents?.length).toBe(3);
  });

  test("the pruner deletes, and can neither write nor copy to where it may read", async () => {
    expect(await refusal(pruner.send(new PutObjectCommand({ Bucket: "files", Key: "markers/second", Body: "x" })))).toBe("AccessDenied");
    expect(await refusal(pruner.send(new CopyObjectCommand({ Bucket: "files", Key: "markers/second", CopySource: "files/first" })))).toBe("AccessDenied");
    expect(await refusal(pruner.send(new DeleteObjectCommand({ Bucket: "files", Key: "old/first" })))).toBe("none");
    expect(await refusal(reader.send(new GetObjectCommand({ Bucket: "files", Key: "old/first" })))).toBe("NoSuchKey");
  });

  test("the writer has no right to another bucket", async () => {
    expect(await refusal(writer.send(new CreateBucketCommand({ Bucket: "other" })))).toBe("AccessDenied");
    expect(await refusal(writer.send(new PutObjectCommand({ Bucket: "other", Key: "a", Body: "x" })))).toBe("AccessDenied");
  });

  test("a wrong secret key is refused", async () => {
    const stranger = clientOf("writer", keyOf("reader"));
    expect(await refusal(stranger.send(new GetObjectCommand({ Bucket: "files", Key: "first" })))).toBe("SignatureDoesNotMatch");
    stranger.destroy();
  });

  test("an unsigned request is refused", async () => {
    const response = await fetch(`http://${server.host}:8333/files/first`);
    expect(response.status).toBe(403);
  });

  test.each([9333, 8080, 8888, 19333, 18080, 18888])("port %i, which needs no signature, is closed to the network", async (port) => {
    const outcome = await new Promise<string>((resolve) => {
      const socket = connect({ host: server.host, port, timeout: 2_000 });
      socket.on("connect", () => resolve("open")).on("error", () => resolve("closed")).on("timeout", () => resolve("closed"));
    });
    expect(outcome).toBe("closed");
  });

  test("objects are there after a restart", async () => {
    await server.restart();
    const read = async (): Promise<string | undefined> => {
      const { Body } = await reader.send(new GetObjectCommand({ Bucket: "files", Key: "first" }));
      return Body?.transformToString();
    };
    await expect.poll(read, { timeout: 30_000, interval: 500 }).toBe("kept");
  });

  test("no secret key is in a log, argument or environment of the container", async () => {
    const everywhere = await server.exec(["sh", "-c", "for file in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do /bin/busybox cat $file; done 2>/dev/null"]);
    const texts = `${everywhere.output}\n${await server.logs()}`;
    expect(texts).toContain("-s3.config=/run/secrets/IDENTITIES");
    for (const user of ["writer", "reader", "pruner"] as const) expect(texts.includes(keyOf(user)), `the key of the ${user}`).toBe(false);
  });
});
