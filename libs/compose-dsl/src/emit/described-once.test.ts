import { describe, expect, it } from "vitest";
import { emitFiles, environmentName, exec, forwardAuth, generated, file, http, manifestName, port, resolveEnvironment, route, scrape, service, stack, to, url, yaml, type EmittedFiles } from "../index.ts";
import { aDatabase, basis, inContainer, place, program } from "../testing/platform.fixture.ts";

interface Facts {
  readonly port: number;
  readonly path: string;
  readonly name: string;
}

/** Words that appear nowhere else in the platform below. */
const facts: Facts = { port: 4711, path: "/polsslag", name: "kiezel" };

/** A service with everything that refers to its port, its path and its name; each is written once. */
function emitted({ port: number, path, name }: Facts): EmittedFiles {
  const database = aDatabase("app");
  const pulse: `/${string}` = `/${path.slice(1)}`;
  const shown = service(name, {
    ...basis,
    image: program,
    ports: { http: number },
    health: http("http", pulse),
    metrics: scrape("http", pulse),
    connects: { database },
    secrets: { KEY: generated({ bytes: 32 }) },
    settings: { PORT: port("http"), KEY_FILE: file("KEY"), PULSE: pulse, SITE: url("@", pulse), ENVIRONMENT: environmentName() },
    release: { kind: "blue-green", drain: { ms: 1000 } },
  });
  const asking = service("asking", { ...basis, image: program, ports: { http: 80 }, health: exec(["ask"]), connects: { other: shown.ports.http }, signIn: forwardAuth({ groups: ["a"] }), startsAfter: [shown.healthy] });
  const watching = stack("watching", ({ services }) => {
    const watched = services.flatMap(({ name: of, ports, metrics }) => {
      const endpoint = metrics && ports[metrics.port];
      return endpoint ? [{ of, endpoint, at: `${of}:${endpoint.number}${metrics.path}` }] : [];
    });
    return {
      services: [
        service("watcher", {
          ...basis,
          connects: Object.fromEntries(watched.map(({ of, endpoint }) => [of, to(endpoint, { wait: false })])),
          mounts: { "/etc/targets.yaml": yaml(watched.map(({ at }) => at)) },
        }),
      ],
    };
  });
  return emitFiles(
    resolveEnvironment(
      place({
        services: [shown, asking],
        routes: [route(shown.ports.http, { host: "@", path: pulse }), route(asking.ports.http, { host: name, openBecause: "a test" })],
        provides: [inContainer(database)],
        more: [watching],
      }),
    ),
  );
}

/** Files without what is a hash of others. */
const texts = (files: EmittedFiles): Readonly<Record<string, string>> =>
  Object.fromEntries([...files].filter(([name]) => name !== manifestName).map(([name, text]) => [name, text.replaceAll(/nl\.jlam\.configuration: .*/g, "nl.jlam.configuration: …")]));

const filesWith = (files: Readonly<Record<string, string>>, text: string): readonly string[] => Object.keys(files).filter((name) => name.includes(text) || files[name]?.includes(text));

describe("a fact that is changed once", () => {
  const before = texts(emitted(facts));

  it.each([
    ["port", { ...facts, port: 4822 }, "4711", "4822", ["app.yaml", "files/proxy/kiezel.yaml", "files/watcher/etc/targets.yaml"]],
    ["path", { ...facts, path: "/hartslag" }, "/polsslag", "/hartslag", ["app.yaml", "files/proxy/kiezel.yaml", "files/watcher/etc/targets.yaml"]],
  ] as const)("is new in every file that had the old one, and nothing else changes: a %s", (_, changed, old, current, files) => {
    expect(filesWith(before, old).toSorted()).toEqual(files);
    const after = texts(emitted(changed));
    expect(after).toEqual(Object.fromEntries(Object.entries(before).map(([name, text]) => [name, text.replaceAll(old, current).replaceAll(old.slice(1), current.slice(1))])));
  });

  it("leaves no old name behind, in no file and in no file's name", () => {
    expect(filesWith(before, "kiezel").toSorted()).toEqual([".env.example", "app.yaml", "edge.yaml", "files/proxy/kiezel.yaml", "files/watcher/etc/targets.yaml", "postgres-app.yaml", "watching.yaml"]);
    const after = texts(emitted({ ...facts, name: "schelp" }));
    expect(filesWith(after, "kiezel")).toEqual([]);
    expect(filesWith(after, "schelp").toSorted()).toEqual(filesWith(before, "kiezel").map((name) => name.replace("kiezel", "schelp")).toSorted());
  });

  it("would be noticed if a file kept the old one", () => {
    const stale = { ...before, "other.yaml": "target: kiezel:4711/polsslag" };
    expect(filesWith(stale, "4711")).toContain("other.yaml");
  });
});
