import { describe, expect, test } from "vitest";
import { fullReference, parseReference, standsInFor } from "./reference.ts";

describe("parseReference", () => {
  test.each([
    ["postgres:17", { registry: "docker.io", repository: "library/postgres", tag: "17", digest: undefined }],
    ["docker.io/library/postgres:17", { registry: "docker.io", repository: "library/postgres", tag: "17", digest: undefined }],
    ["maildev/maildev", { registry: "docker.io", repository: "maildev/maildev", tag: undefined, digest: undefined }],
    ["ghcr.io/goauthentik/server:2026.8", { registry: "ghcr.io", repository: "goauthentik/server", tag: "2026.8", digest: undefined }],
    ["127.0.0.1:5000/small:1", { registry: "127.0.0.1:5000", repository: "small", tag: "1", digest: undefined }],
    ["localhost/small@sha256:ab", { registry: "localhost", repository: "small", tag: undefined, digest: "sha256:ab" }],
  ])("reads %s", (reference, parts) => {
    expect(parseReference(reference)).toEqual(parts);
  });
});

test("fullReference names the same image alike, however much of it was said", () => {
  expect(fullReference("postgres")).toBe(fullReference("docker.io/library/postgres:latest"));
});

describe("standsInFor", () => {
  test.each(["postgres:17", "docker.io/library/postgres:17.7", "postgres:17-bookworm", "postgres:v17.7"])("17 serves %s", (wanted) => {
    expect(standsInFor("docker.io/library/postgres:17", wanted)).toBe(true);
  });

  test.each(["postgres:18", "postgres:170", "postgres:1", "bitnami/postgres:17", "ghcr.io/library/postgres:17", "postgres"])(
    "17 doesn't serve %s",
    (wanted) => {
      expect(standsInFor("docker.io/library/postgres:17", wanted)).toBe(false);
    },
  );
});
