import { describe, expect, test } from "vitest";
import { z } from "zod";
import { bucketPolicy } from "./bucket-policy.ts";
import { identities, storeArguments } from "./configuration.ts";

const use = { prunerReads: ["verified/"] } as const;
const statements = z.object({ Statement: z.array(z.object({ Principal: z.object({ SCW: z.string() }).optional(), Effect: z.literal("Allow"), Action: z.array(z.string()), Resource: z.union([z.string(), z.array(z.string())]) })) });

describe("the identities of the object store", () => {
  const document = z
    .object({ identities: z.array(z.object({ name: z.string(), actions: z.array(z.string()), policyNames: z.array(z.string()) })), policies: z.array(z.object({ name: z.string(), content: z.string() })) })
    .parse(JSON.parse(identities("files", use, { writer: "the-writers-key", reader: "the-readers-key", pruner: "the-pruners-key" })));
  const rights = (user: string): readonly (readonly [string, string])[] =>
    statements.parse(JSON.parse(document.policies.find(({ name }) => name === user)?.content ?? "")).Statement.flatMap(({ Action, Resource }) => Action.flatMap((action) => [Resource].flat().map((resource) => [action, resource] as const)));

  test("have no rights beside their own policy's", () => {
    expect(document.identities.map(({ name, actions, policyNames }) => [name, actions, policyNames])).toEqual(["writer", "reader", "pruner"].map((name) => [name, [], [name]]));
  });

  test.each(["writer", "reader", "pruner"])("limit the %s to the bucket", (user) => {
    expect(rights(user).map(([, resource]) => resource).filter((resource) => !/^arn:aws:s3:::files(\/|$)/.test(resource))).toEqual([]);
  });

  test("let the reader read and list, and nothing else", () => {
    expect(rights("reader")).toEqual([["s3:ListBucket", "arn:aws:s3:::files"], ["s3:GetObject", "arn:aws:s3:::files/*"]]);
  });

  test("let only the pruner delete", () => {
    expect(["writer", "reader", "pruner"].filter((user) => rights(user).some(([action]) => action.includes("Delete")))).toEqual(["pruner"]);
  });

  test("let the pruner read what the bucket's use names, and write nothing", () => {
    expect(rights("pruner").filter(([action]) => /Get|Put/.test(action))).toEqual([["s3:GetObject", "arn:aws:s3:::files/verified/*"]]);
  });

  test("are named to the server by their file only", () => {
    expect(storeArguments("/run/secrets/IDENTITIES")).toContain("-s3.config=/run/secrets/IDENTITIES");
  });
});

test("Scaleway's bucket policy gives each application the rights of its login, and names no other bucket", () => {
  const { Statement } = statements.parse(JSON.parse(bucketPolicy("sets", use, { writer: "w-id", reader: "r-id", pruner: "p-id" })));
  expect(new Set(Statement.map(({ Principal }) => Principal?.SCW))).toEqual(new Set(["application_id:w-id", "application_id:r-id", "application_id:p-id"]));
  expect(Statement.flatMap(({ Resource }) => [Resource].flat()).filter((resource) => !/^sets(\/|$)/.test(resource))).toEqual([]);
  expect(Statement.filter(({ Action }) => Action.some((action) => action.startsWith("s3:Delete"))).map(({ Principal }) => Principal?.SCW)).toEqual(["application_id:p-id"]);
  expect(Statement.flatMap(({ Action }) => Action)).not.toContain("s3:CreateBucket");
});
