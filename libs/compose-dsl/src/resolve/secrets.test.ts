import { describe, expect, it } from "vitest";
import { credential, derived, generated, issued, originOf, outsideProvider, provided, resolveEnvironment, service, to, type ResolvedEnvironment } from "../index.ts";
import { aDatabase, basis, inContainer, place, type Parts } from "../testing/platform.fixture.ts";

const database = aDatabase("app");
const theirs = outsideProvider(database, { host: "db", port: 1, tls: { kind: "verify-full", certificateAuthority: "own" }, passwords: "theirs", user: (role) => role }, originOf(outsideProvider));
const web = service("web", { ...basis, connects: { database } });
const resolved = (parts: Parts): ResolvedEnvironment => resolveEnvironment(place(parts));
const filesOf = (environment: ResolvedEnvironment, name: string): unknown => environment.services.get(name)?.secrets.map(({ id, file }) => [file, id]);

describe("a secret of a service", () => {
  it("is a value of that service alone", () => {
    const key = { KEY: generated({ bytes: 32 }) };
    const environment = resolved({ services: [service("a", { ...basis, secrets: key }), service("b", { ...basis, secrets: key })] });
    expect([...environment.secrets.keys()]).toEqual(["a.KEY", "b.KEY"]);
    expect(filesOf(environment, "a")).toEqual([["KEY", "a.KEY"]]);
  });

  it("is one value for all who share its name", () => {
    const key = { KEY: generated({ bytes: 32, sharedAs: "shared" }) };
    const environment = resolved({ services: [service("a", { ...basis, secrets: key }), service("b", { ...basis, secrets: key })] });
    expect(environment.secrets.get("shared")?.consumers).toEqual([{ service: "a", file: "KEY" }, { service: "b", file: "KEY" }]);
  });

  it("is the environment's certificate where the local authority issues it", () => {
    const environment = resolved({ services: [service("a", { ...basis, secrets: { TLS: issued("certificate"), TLS_KEY: issued("key") } })] });
    expect([...environment.secrets.keys()]).toEqual(["certificate.certificate", "certificate.key"]);
  });

  it("made from others names what it is made from, which the container doesn't see", () => {
    const list = derived({ password: credential(database, "owner"), salt: generated({ bytes: 16 }) }, ({ password, salt }) => `${password}${salt}`);
    const environment = resolved({ provides: [inContainer(database)], services: [service("a", { ...basis, secrets: { LIST: list } })] });
    expect(environment.secrets.get("a.LIST")?.inputs).toEqual({ password: "postgres-app.owner", salt: "a.salt" });
    expect(environment.secrets.get("a.salt")?.consumers).toEqual([]);
    expect(filesOf(environment, "a")).toEqual([["LIST", "a.LIST"]]);
  });
});

describe("the password of a connection", () => {
  it("is a file of its consumer, and one value for all who sign in as the same role", () => {
    const environment = resolved({ provides: [inContainer(database)], services: [web, service("worker", { ...basis, connects: { store: database } })] });
    expect(environment.secrets.get("postgres-app.application")?.consumers).toEqual([
      { service: "web", file: "DATABASE_PASSWORD" },
      { service: "worker", file: "STORE_PASSWORD" },
    ]);
  });

  it("is another value for another role", () => {
    const environment = resolved({ provides: [inContainer(database)], services: [web, service("worker", { ...basis, connects: { database: to(database, { as: "owner" }) } })] });
    expect(filesOf(environment, "worker")).toEqual([["DATABASE_PASSWORD", "postgres-app.owner"]]);
  });

  it("is made by us for a container of ours", () => {
    expect(resolved({ provides: [inContainer(database)], services: [web] }).secrets.get("postgres-app.application")?.source).toMatchObject({ kind: "generated", bytes: 24 });
  });

  it("is given by whoever runs the server, with the authority of its certificate", () => {
    const environment = resolved({ provides: [theirs], services: [web] });
    expect(environment.secrets.get("postgres-app.application")?.source.kind).toBe("provided");
    expect(filesOf(environment, "web")).toEqual([["DATABASE_PASSWORD", "postgres-app.application"], ["DATABASE_CA", "postgres-app.certificate-authority"]]);
  });
});

describe("constructors of secrets", () => {
  it("refuse less than 128 bits", () => {
    expect(() => generated({ bytes: 15 })).toThrow(/at least 16 bytes/);
  });

  it("ask for 16 characters of what a person sets, and a new one each year", () => {
    expect(provided("a key")).toMatchObject({ minLength: 16, maxAgeDays: 365 });
  });
});
