import fc from "fast-check";
import { load } from "js-yaml";
import { describe, expect, it, vi } from "vitest";
import { checkEnvironment } from "../check/check.ts";
import type { ComposeFile } from "../compose/specification.ts";
import { schemaViolations } from "../compose/validate.ts";
import { emitFiles, resolveEnvironment, type EmittedFiles, type EnvironmentNode } from "../index.ts";
import { anyDraft, build, mildDraft, soundDraft, type Draft } from "../testing/model.fixture.ts";

/** JLAM_FULL=1 looks twenty times as long. */
const isFull = process.env["JLAM_FULL"] === "1";
const runs = isFull ? 1_000 : 50;
vi.setConfig({ testTimeout: isFull ? 1_800_000 : 60_000 });

const always = (draft: fc.Arbitrary<Draft>, holds: (draft: Draft) => void): void => fc.assert(fc.property(draft, holds), { numRuns: runs });

const isComposeFile = (name: string): boolean => name.endsWith(".yaml") && !name.includes("/");

/** Emitted Compose files by name, as Compose would read them. */
const composeFiles = (files: EmittedFiles): ReadonlyMap<string, ComposeFile> =>
  new Map([...files].filter(([name]) => isComposeFile(name)).map(([name, text]) => [name, load(text) as ComposeFile]));

const emitted = (draft: Draft): ReadonlyMap<string, ComposeFile> => composeFiles(emitFiles(resolveEnvironment(build(draft))));

const includesOf = ({ include = [] }: ComposeFile): readonly string[] => include.filter((entry) => typeof entry === "string");

/** Every file that Compose reads when it is given `name`. */
function loadedWith(name: string, files: ReadonlyMap<string, ComposeFile>): readonly ComposeFile[] {
  const names = new Set([name]);
  for (const one of names) for (const include of includesOf(files.get(one) ?? {})) names.add(include);
  return [...names].flatMap((one) => files.get(one) ?? []);
}

describe("any model", () => {
  it("is resolved and checked without an exception", () => {
    always(anyDraft, (draft) => {
      checkEnvironment(resolveEnvironment(build(draft)));
    });
  });

  it("is emitted as valid Compose where the checks find no error", () => {
    let accepted = 0;
    always(mildDraft, (draft) => {
      const environment = resolveEnvironment(build(draft));
      if (checkEnvironment(environment).some(({ severity }) => severity === "error")) return;
      accepted += 1;
      for (const file of composeFiles(emitFiles(environment)).values()) expect(schemaViolations(file)).toEqual([]);
    });
    // Or the checks refuse everything, and this proves nothing.
    expect(accepted).toBeGreaterThan(runs / 20);
  });
});

describe("a sound model", () => {
  it("is emitted as valid Compose", () => {
    always(soundDraft, (draft) => {
      for (const file of emitted(draft).values()) expect(schemaViolations(file)).toEqual([]);
    });
  });

  it("gives the same bytes twice", () => {
    always(soundDraft, (draft) => {
      expect([...emitFiles(resolveEnvironment(build(draft)))]).toEqual([...emitFiles(resolveEnvironment(build(draft)))]);
    });
  });

  it("says the same whatever the order of its stacks, services and providers", () => {
    always(soundDraft, (draft) => {
      const environment = build(draft);
      expect(unordered(reversed(environment))).toEqual(unordered(environment));
    });
  });

  it("waits only for services that are in the file or in one that it includes", () => {
    always(soundDraft, (draft) => {
      const files = emitted(draft);
      for (const [name, file] of files) {
        const present = new Set(loadedWith(name, files).flatMap(({ services }) => Object.keys(services ?? {})));
        const awaited = Object.values(file.services ?? {}).flatMap(({ depends_on: dependsOn }) => Object.keys(dependsOn ?? {}));
        expect(awaited.filter((service) => !present.has(service))).toEqual([]);
      }
    });
  });

  it("declares every network, volume and secret that its services use, in the same file", () => {
    always(soundDraft, (draft) => {
      for (const { services, networks, volumes, secrets } of emitted(draft).values()) {
        for (const service of Object.values(services ?? {})) {
          expect(Object.keys(networks ?? {})).toEqual(expect.arrayContaining(Object.keys(service.networks ?? {})));
          const mounted = (service.volumes ?? []).flatMap((mount) => (typeof mount === "object" && mount.type === "volume" ? [mount.source] : []));
          expect(Object.keys(volumes ?? {})).toEqual(expect.arrayContaining(mounted));
          const read = (service.secrets ?? []).flatMap((secret) => (typeof secret === "object" ? [secret.source] : []));
          expect(Object.keys(secrets ?? {})).toEqual(expect.arrayContaining(read));
        }
      }
    });
  });

  it("has its whole self in the joined file", () => {
    always(soundDraft, (draft) => {
      const environment = resolveEnvironment(build(draft));
      const files = composeFiles(emitFiles(environment));
      const joined = loadedWith("compose.yaml", files).flatMap(({ services }) => Object.keys(services ?? {}));
      expect(new Set(joined)).toEqual(new Set(environment.services.keys()));
    });
  });
});

/** Emitted Compose files with their includes sorted; the order of keys doesn't count when they are compared. */
const unordered = (environment: EnvironmentNode): ReadonlyMap<string, unknown> =>
  new Map([...composeFiles(emitFiles(resolveEnvironment(environment)))].map(([name, file]) => [name, { ...file, include: includesOf(file).toSorted() }]));

/** The same declarations, told backwards. */
function reversed(environment: EnvironmentNode): EnvironmentNode {
  return {
    ...environment,
    provides: environment.provides.toReversed(),
    stacks: environment.stacks.toReversed().map((stack) => ({
      ...stack,
      content: (around) => {
        const { services, routes, proxy } = stack.content(around);
        return { services: services.toReversed(), routes: routes.toReversed(), proxy };
      },
    })),
  };
}
