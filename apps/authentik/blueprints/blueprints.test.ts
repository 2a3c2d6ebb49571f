import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { platform } from "../platform.fixture.ts";
import { readFields } from "../scripts/read-fields.ts";
import type { Release } from "./entry.ts";
import { fields, releases } from "./fields.ts";
import { applicationsBlueprint } from "./applications.ts";
import { emittedTexts, entriesOf, read, refusals, type ReadEntry } from "./read.fixture.ts";
import { blueprintText } from "./text.ts";

const require = createRequire(import.meta.url);

const versions: { readonly [R in Release]: string } = {
  "2025.8": "2025.8.6",
  "2025.10": "2025.10.4",
  "2025.12": "2025.12.6",
  "2026.2": "2026.2.3",
  "2026.5": "2026.5.8",
  "2026.8": "2026.8.6",
};

describe.each(releases)("blueprints for %s", (release) => {
  const environment = platform(versions[release]);

  test("are what they were", async () => {
    const all = [...emittedTexts(environment)].map(([path, text]) => `# ${path.slice(path.lastIndexOf("/") + 1)}\n${text}`).join("---\n");
    await expect(all).toMatchFileSnapshot(`golden/${release}.yaml`);
  });

  test("have only fields and values that its models take, and all that they need", () => {
    expect(entriesOf(environment).flatMap((entry) => refusals(release, entry))).toEqual([]);
  });

  test("refer only to entries that stand before, in the same file", () => {
    for (const text of emittedTexts(environment).values()) {
      const known = new Set<string>();
      for (const { id, ...entry } of read(text).entries) {
        for (const [, name] of JSON.stringify(entry).matchAll(/\{"tag":"!KeyOf","value":"([^"]+)"\}/g)) expect(known).toContain(name);
        if (id !== undefined) known.add(id);
      }
    }
  });
});

describe("the check of fields", () => {
  const group = (attrs: ReadEntry["attrs"]): ReadEntry => ({ model: "authentik_core.group", identifiers: { name: "a" }, attrs: attrs ?? {} });

  test.each<[what: string, release: Release, entry: ReadEntry, message: string]>([
    ["a field that no release has", "2026.8", group({ is_super_user: true }), "2026.8 has no field is_super_user"],
    ["a field that came later", "2025.10", group({ parents: [] }), "2025.10 has no field parents"],
    ["a field that is gone", "2025.12", group({ parent: "a" }), "2025.12 has no field parent"],
    ["a value of another type", "2026.8", group({ is_superuser: "yes" }), "is none of what it takes"],
    ["a missing field", "2026.8", { model: "authentik_flows.flow", identifiers: { slug: "a" } }, "title is missing"],
    ["an unknown model", "2026.8", { model: "authentik_core.groups" }, "no such model"],
    [
      "a field of a redirect address that came later",
      "2026.2",
      {
        model: "authentik_providers_oauth2.oauth2provider",
        attrs: { name: "a", authorization_flow: "f", invalidation_flow: "f", redirect_uris: [{ matching_mode: "strict", url: "u", redirect_uri_type: "logout" }] },
      },
      "2026.2 has no field redirect_uri_type",
    ],
  ])("finds %s", (_what, release, entry, message) => {
    expect(refusals(release, entry).join()).toContain(message);
  });

  test("knows the fields that the published client of the newest release has", () => {
    const description = require.resolve("@goauthentik/api/package.json").replace("package.json", "schema.yml");
    const published = readFields(readFileSync(description, "utf8"));
    const newest: Release = "2026.8";
    for (const [model, own] of Object.entries(fields)) {
      const names = Object.entries<{ readonly type: unknown; readonly only?: readonly string[] }>(own).flatMap(([name, { only }]) => (only?.includes(newest) === false ? [] : [name]));
      expect({ model, names }).toEqual({ model, names: [...(published.get(model)?.keys() ?? [])].sort() });
    }
  });
});

describe("a blueprint's file", () => {
  const text = (retired: readonly string[] = []): string => blueprintText(applicationsBlueprint({ origin: "https://auth.example.org", clients: [], walled: [] }, retired), "2026.8");

  test("leaves the outpost alone where nothing stands behind the wall", () => {
    expect(text()).not.toContain("authentik_outposts.outpost");
  });

  test("removes what is retired: the application first, then whichever provider it had", () => {
    const absent = read(text(["old"])).entries.filter(({ state }) => state === "absent");
    expect(absent.map(({ model, identifiers }) => [model, identifiers])).toEqual([
      ["authentik_core.application", { slug: "old" }],
      ["authentik_providers_oauth2.oauth2provider", { name: "jlam-old" }],
      ["authentik_providers_proxy.proxyprovider", { name: "jlam-old" }],
    ]);
  });
});
