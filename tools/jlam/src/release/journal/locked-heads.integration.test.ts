import { openStore, prepareBucket, type Store } from "@jlam/backup/store";
import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { notBackedUp, objectStore } from "@jlam/compose-dsl";
import { objectStoreContainer } from "@jlam/object-store";
import { beforeAll, describe, expect, test } from "vitest";
import { imageOnThisMachine, startProvided } from "../../databases/provided-service.ts";
import { entryFacts, sampleJournal, sampleRelease } from "../sample.fixture.ts";
import { contradictionOf, lockedHeads, type LockedHeads } from "./locked-heads.ts";
import { headFile, headOf, type JournalHead } from "./journal.ts";

const provider = objectStoreContainer(objectStore("files", { owner: "platform", holds: "no-personal-data", backup: notBackedUp("a test") }), { memory: "384M", cpus: 1 });
const node = provider.services[0];
const image = node && (await imageOnThisMachine(node));

const facts = entryFacts(sampleRelease(1));
const journalOf = (count: number, who = facts.who) => sampleJournal("staging", Array.from({ length: count }, () => ({ ...facts, who }))).entries;
const headAfter = (count: number, who?: string): JournalHead => headOf("staging", journalOf(count, who));

describe.skipIf(image === undefined)(`heads in a locked bucket (${image ?? "no image of SeaweedFS on this machine"})`, { timeout: 60_000 }, () => {
  let store: Store;
  let heads: LockedHeads;
  const keep = (head: JournalHead): Promise<void> => heads.keep(head, { text: headFile(head), signature: "a signature" });

  beforeAll(async () => {
    const server = await startProvided(provider, image ?? "");
    store = openStore({ url: `http://${server.host}:8333`, bucket: "files", region: "us-east-1", accessKey: "writer", secretKey: server.secrets[0]?.sources["writer"] ?? "", timeout: 10_000 });
    await prepareBucket(store);
    heads = lockedHeads(store, "staging");
    for (const count of [2, 4]) await keep(headAfter(count));
    return () => server.stop();
  }, 300_000);

  test("all are told, and one that is kept twice is there once", async () => {
    await keep(headAfter(4));
    expect(await heads.all()).toEqual([headAfter(2), headAfter(4)]);
    expect(await lockedHeads(store, "production").all()).toEqual([]);
  });

  test("nobody takes one away, whoever has the key", async () => {
    const { Versions = [] } = await store.client.send(new ListObjectVersionsCommand({ Bucket: store.bucket, Prefix: "journal-heads/staging/" }));
    expect(Versions).toHaveLength(2);
    for (const { Key, VersionId } of Versions) {
      const refused = await store.client.send(new DeleteObjectCommand({ Bucket: store.bucket, Key, VersionId })).then(() => "taken", (error: unknown) => (error instanceof S3ServiceException ? error.name : String(error)));
      expect(refused).toBe("AccessDenied");
    }
  });

  test("a journal that goes on goes through all of them, and one that was cut or written anew doesn't", async () => {
    const kept = await heads.all();
    expect(contradictionOf(kept, journalOf(6))).toBeUndefined();
    expect(contradictionOf(kept, journalOf(3))).toEqual({ entry: 4, why: expect.stringContaining("was cut off") });
    expect(contradictionOf(kept, journalOf(6, "eve@example.nl"))).toEqual({ entry: 2, why: expect.stringContaining("written anew") });
  });

  test("a false head beside a true one doesn't take its place", async () => {
    await store.client.send(new PutObjectCommand({ Bucket: store.bucket, Key: `journal-heads/production/000000002-${headAfter(2, "eve@example.nl").hash.slice(7)}.json`, Body: "{}" }));
    const production = lockedHeads(store, "production");
    await production.keep(headAfter(2), { text: "", signature: "" });
    expect(contradictionOf(await production.all(), journalOf(2, "eve@example.nl"))).toMatchObject({ entry: 2 });
  });
});
