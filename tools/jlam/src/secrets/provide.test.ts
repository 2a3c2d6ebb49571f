import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { derived, environment, generated, image, issued, localAuthority, provided, replaceableImages, resolveEnvironment, service, stack } from "@jlam/compose-dsl";
import { describe, expect, onTestFinished, test } from "vitest";
import { provideSecrets, secretPaths } from "./provide.ts";

const shared = generated({ bytes: 32, sharedAs: "shared-key" });
const common = { owner: "tests", image: image("x", "example.org/x:1"), resources: { memory: "64M", cpus: 0.5 } } as const;
const services = {
  one: service("one", { ...common, secrets: { KEY: shared, OWN: generated({ bytes: 16 }), TOKEN: provided("token of a friend") } }),
  two: service("two", {
    ...common,
    secrets: { KEY: shared, LIST: derived({ key: shared }, ({ key }) => `user ${key}`), CERTIFICATE: issued("certificate") },
  }),
};
const withServices = (...chosen: readonly (keyof typeof services)[]) =>
  resolveEnvironment(
    environment("example", {
      domain: "example.localhost",
      host: { memory: "1G", cpus: 1 },
      range: "10.208.0.0/12",
      publishing: { address: "127.0.0.1", http: 8080, https: 8443 },
      stacks: [stack("all", { services: chosen.map((name) => services[name]) })],
      provides: [],
      certificates: localAuthority(),
      images: replaceableImages,
    }),
  );
const certificate = { certificate: "the certificate", key: "the key" };

function freshRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "jlam-secrets-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}
const read = (root: string, file: string) => readFileSync(join(secretPaths(root, "example").files, file), "utf8");
const mode = (path: string) => statSync(path).mode & 0o777;

describe("provideSecrets", () => {
  test("writes one file per consumer, with the same value for the same secret", () => {
    const root = freshRoot();
    provideSecrets(withServices("one", "two"), root, certificate);
    expect(read(root, "one/KEY")).toBe(read(root, "two/KEY"));
    expect(read(root, "one/OWN")).not.toBe(read(root, "one/KEY"));
  });

  test("makes values of letters that URLs and JSON leave alone, beginning with a letter", () => {
    const root = freshRoot();
    provideSecrets(withServices("one"), root, undefined);
    expect(read(root, "one/KEY")).toMatch(/^[a-z][A-Za-z0-9_-]{43}$/);
  });

  test("renders derived secrets from the values, and hands out what was issued", () => {
    const root = freshRoot();
    provideSecrets(withServices("two"), root, certificate);
    expect(read(root, "two/LIST")).toBe(`user ${read(root, "two/KEY")}`);
    expect(read(root, "two/CERTIFICATE")).toBe("the certificate");
  });

  test("changes nothing the second time", () => {
    const root = freshRoot();
    provideSecrets(withServices("one", "two"), root, certificate);
    const before = read(root, "one/KEY");
    expect(provideSecrets(withServices("one", "two"), root, certificate)).toMatchObject({ made: [], written: [], removed: [] });
    expect(read(root, "one/KEY")).toBe(before);
  });

  test("keeps files readable by containers, and their folders and the store closed to others", () => {
    const root = freshRoot();
    provideSecrets(withServices("one"), root, undefined);
    const { files, store, state } = secretPaths(root, "example");
    expect([files, join(files, "one"), state].map(mode)).toEqual([0o700, 0o700, 0o700]);
    expect([join(files, "one/KEY"), store].map(mode)).toEqual([0o444, 0o600]);
  });

  test("repairs a mode without calling it a change", () => {
    const root = freshRoot();
    provideSecrets(withServices("one"), root, undefined);
    const file = join(secretPaths(root, "example").files, "one/KEY");
    chmodSync(file, 0o400);
    expect(provideSecrets(withServices("one"), root, undefined).written).toEqual([]);
    expect(mode(file)).toBe(0o444);
  });

  test("removes the files of what is no longer declared, and keeps its value for when it comes back", () => {
    const root = freshRoot();
    provideSecrets(withServices("one", "two"), root, certificate);
    const own = read(root, "one/OWN");
    expect(provideSecrets(withServices("two"), root, certificate).removed).toEqual(["one"]);
    expect(readdirSync(secretPaths(root, "example").files)).toEqual(["two"]);
    provideSecrets(withServices("one", "two"), root, certificate);
    expect(read(root, "one/OWN")).toBe(own);
  });

  test("puts a placeholder for what a person has to give, and the given value once it is there", () => {
    const root = freshRoot();
    expect(provideSecrets(withServices("one"), root, undefined).placeholders).toEqual([{ id: "one.TOKEN", description: "token of a friend" }]);
    const { given } = secretPaths(root, "example");
    mkdirSync(given, { recursive: true });
    writeFileSync(join(given, "one.TOKEN"), "0123456789abcdef\n");
    expect(provideSecrets(withServices("one"), root, undefined)).toMatchObject({ placeholders: [], written: ["one/TOKEN"] });
    expect(read(root, "one/TOKEN")).toBe("0123456789abcdef");
  });

  test("refuses a given value that is too short", () => {
    const root = freshRoot();
    const { given } = secretPaths(root, "example");
    mkdirSync(given, { recursive: true });
    writeFileSync(join(given, "one.TOKEN"), "short\n");
    expect(() => provideSecrets(withServices("one"), root, undefined)).toThrow(/"one.TOKEN" is too short/);
  });

  test("refuses a damaged store rather than losing its passwords, and shows nothing of it", () => {
    const root = freshRoot();
    const { state, store } = secretPaths(root, "example");
    mkdirSync(state, { recursive: true });
    writeFileSync(store, '{"version":1,"values":{"a":"hunter2secret"');
    expect(() => provideSecrets(withServices("one"), root, undefined)).toThrow(expect.objectContaining({ why: "It is no JSON." }));
    expect(readFileSync(store, "utf8")).toContain("hunter2secret");
  });

  test("replaces the empty folder that Docker leaves where a file was missing", () => {
    const root = freshRoot();
    mkdirSync(join(secretPaths(root, "example").files, "one", "KEY"), { recursive: true });
    provideSecrets(withServices("one"), root, undefined);
    expect(read(root, "one/KEY")).toMatch(/^s/);
  });
});
