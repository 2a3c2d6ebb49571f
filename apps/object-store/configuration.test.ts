import { describe, expect, test } from "vitest";
import { identities, storeArguments } from "./configuration.ts";

describe("the identities of the object store", () => {
  const document: unknown = JSON.parse(identities("files", { writer: "the-writers-key", reader: "the-readers-key" }));

  test("limit each user to the bucket, and the reader to reading", () => {
    expect(document).toEqual({
      identities: [
        {
          name: "writer",
          credentials: [{ accessKey: "writer", secretKey: "the-writers-key" }],
          actions: ["Admin:files", "Read:files", "Write:files", "List:files", "Tagging:files"],
        },
        { name: "reader", credentials: [{ accessKey: "reader", secretKey: "the-readers-key" }], actions: ["Read:files", "List:files"] },
      ],
    });
  });

  test("are named to the server by their file only", () => {
    expect(storeArguments("/run/secrets/IDENTITIES")).toContain("-s3.config=/run/secrets/IDENTITIES");
  });
});
