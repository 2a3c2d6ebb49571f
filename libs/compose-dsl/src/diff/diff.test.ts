import { describe, expect, test } from "vitest";
import { emitFiles } from "../index.ts";
import { diffFiles, differs } from "./diff.ts";
import { diffEnvironments } from "./environments.ts";
import { platform, type Facts } from "./platform.fixture.ts";
import { diffInWords } from "./words.ts";

const since = (before: Facts, after: Facts) => diffFiles({ title: "then", files: emitFiles(platform(before)) }, { title: "now", files: emitFiles(platform(after)) });
const words = (before: Facts, after: Facts): string => diffInWords(since(before, after)).join("\n");
const losses = (before: Facts, after: Facts): readonly string[] => since(before, after).losses.map(({ name, text }) => `${name} ${text}`);

describe("two states of one environment", () => {
  test("nothing differs between a state and itself", () => {
    expect(differs(since({}, {}))).toBe(false);
    expect(words({}, {})).toContain("Nothing differs.");
  });

  test("a setting and a limit are told in words, with what Compose makes anew", () => {
    expect(words({}, { level: "debug", resources: { memory: "512M", cpus: 0.5 } })).toMatchInlineSnapshot(`
      "then → now

      Services
        ~ web
            setting LOG_LEVEL: info → debug
            limit memory: 256M → 512M

      Compose makes anew
        web: its settings, limits changed

      The same: 2 services, 1 route, 2 middlewares, 2 networks, 1 volume, 3 images, 1 secret."
    `);
  });

  test("services that come and go are named with their image", () => {
    expect(words({}, { extra: true })).toContain("+ worker (example/web:1.0)");
    expect(words({ extra: true }, {})).toContain("− worker (example/web:1.0)");
  });

  test("an image's new tag is told once, however many services run it", () => {
    const { images } = since({ extra: true }, { extra: true, tag: "1.1" }).sections;
    expect(images.changed).toEqual([{ name: "example/web", changes: [{ facet: "version", key: "", before: "1.0", after: "1.1" }] }]);
    expect(words({ extra: true }, { extra: true, tag: "1.1" })).toContain("~ web, worker");
  });

  test("a route's address is told as an address", () => {
    expect(words({}, { path: "/app" })).toContain("+ web-app (https://example.nl/app → web:3000)");
  });

  test("a configuration file is told by its lines, and restarts what reads it", () => {
    const diff = since({}, { greeting: "goodbye" });
    expect(diffInWords(diff)).toContain("      file /etc/greeting: 1 line removed, 1 added");
    expect(diff.recreated).toEqual([{ service: "web", by: "every-compose" }]);
  });

  test("a network whose addresses change is told with who is on it", () => {
    const { changedNetworks, recreated } = since({}, { range: "10.144.0.0/12" });
    expect(changedNetworks).toContainEqual({ network: "traefik--web", members: ["traefik", "web"] });
    expect(recreated).toEqual([]);
    expect(since({}, {}).changedNetworks).toEqual([]);
  });

  test("a volume that nothing uses any more is data, and so is a path that moves to another", () => {
    expect(losses({}, { volume: "photographs" })).toEqual([
      "volume pictures nothing uses it any more; its data (medical-data) stays on the host as jlam-production_pictures until somebody removes it",
      "web /data moves from volume pictures to volume photographs, without its data",
    ]);
  });

  test.each<readonly [string, Facts, Facts, string]>([
    ["a root file system that becomes writable", {}, { writableRoot: "a reason" }, "web has a writable root file system"],
    ["a middleware that a route no longer passes", {}, { rateLimit: false }, "route web no longer passes the middleware rate-limit"],
  ])("%s is told loudly", (_, before, after, loss) => {
    expect(losses(before, after)).toEqual([loss]);
    expect(words(before, after)).toContain(`Look twice\n  ! ${loss}`);
    expect(losses(after, before)).toEqual([]);
  });

  test.each(["\n    read_only: true", "pids: 256", "      - no-new-privileges:true", "      - ALL", "user: 1000:1000", "internal: true"])("losing `%s` from the files is a loss", (line) => {
    const files = emitFiles(platform());
    const weaker = new Map([...files].map(([path, text]) => [path, path === "web.yaml" ? text.replace(line, "") : text]));
    expect(diffFiles({ title: "then", files }, { title: "now", files: weaker }).losses).toHaveLength(1);
  });

  test("a revision without the environment makes everything new", () => {
    const diff = diffFiles({ title: "then", files: new Map() }, { title: "now", files: emitFiles(platform()) });
    expect(diff.sections.services.added.map(({ name }) => name)).toEqual(["postgres-app", "traefik", "web"]);
    expect(diff.recreated).toEqual([]);
  });
});

describe("two environments", () => {
  const staging = { name: "staging", domain: "staging.example.nl", range: "10.144.0.0/12" } as const;

  test("names, domains and addresses don't count as differences", () => {
    expect(diffInWords(diffEnvironments(platform(staging), platform())).join("\n")).toMatchInlineSnapshot(`
      "staging → production

      They differ only where two environments must:
        domain staging.example.nl → example.nl
        address range 10.144.0.0/12 → 10.128.0.0/12

      The same: 3 services, 1 route, 2 middlewares, 2 networks, 1 volume, 3 images, 1 secret."
    `);
  });

  test("a single address of a network counts as its place there", () => {
    // The base of a network is an address of it as well, its place 0.
    const base = (environment: Facts): string => [...platform(environment).networks.values()][0]?.subnet.replace(/\/\d+$/, "") ?? "";
    const compared = (address: string) => diffEnvironments(platform({ ...staging, greeting: base(staging) }), platform({ greeting: address })).sections.services.changed;
    expect(base(staging)).not.toBe(base({}));
    expect(compared(base({}))).toEqual([]);
    expect(compared(base({}).replace(/\d+$/, (last) => String(Number(last) + 1)))).toHaveLength(1);
  });

  test("who provides a resource is told, with all that follows", () => {
    const diff = diffEnvironments(platform(staging), platform({ managed: true }));
    expect(diff.environment).toEqual([{ facet: "", key: "postgres-app", before: "in a container, postgres-app:5432", after: "managed, db.example.nl:5432, verified TLS" }]);
    expect(diff.sections.services.removed.map(({ name }) => name)).toEqual(["postgres-app"]);
    expect(diff.sections.secrets.added).toEqual([{ name: "web.DATABASE_CA", summary: "" }]);
    expect(diff.sections.networks.removed.map(({ name }) => name)).toEqual(["web--postgres-app"]);
  });

  test("a difference that is none of names is told", () => {
    const diff = diffEnvironments(platform(staging), platform({ resources: { memory: "1G", cpus: 0.5 } }));
    expect(diff.sections.services.changed).toEqual([{ name: "web", changes: [{ facet: "limits", key: "memory", before: "256M", after: "1G" }] }]);
  });

  test("secrets are told by name, never by value or file", () => {
    expect(JSON.stringify(diffEnvironments(platform(staging), platform({ managed: true })))).not.toContain("JLAM_SECRETS");
  });
});
