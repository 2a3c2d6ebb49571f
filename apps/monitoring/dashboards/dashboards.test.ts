/** What grafana/dashboard-linter asks for, and what the SDK's builders would have left out, over every dashboard of a platform. */
import { describe, expect, test } from "vitest";
import { definitions } from "../alerts/index.ts";
import { metricsRead } from "../alerts/rules-file.ts";
import { thresholds } from "../alerts/threshold.ts";
import { knownSeries } from "../catalogue/index.ts";
import { watchedPlatform } from "../platform.fixture.ts";
import { dashboardFile } from "./dashboard.ts";
import { allDashboards, dashboardFiles } from "./files.ts";
import type { PanelSpec } from "./panel.ts";

const watched = watchedPlatform();
const specs = allDashboards(watched);
const files = specs.map(dashboardFile);
const panelsOf = (file: (typeof files)[number]) => file.panels.flatMap((panel) => ("targets" in panel ? [panel] : []));
const figuresOf = (panels: readonly PanelSpec[]) => panels.flatMap((panel) => (panel.kind === "log" ? [] : [panel]));

describe.each(files.map((file) => [file.uid, file] as const))("the dashboard %s", (_, file) => {
  test("can't be edited where the change would be lost, and has a uid that Grafana takes", () => {
    expect(file.editable).toBe(false);
    expect(file.uid).toMatch(/^[\w-]{1,40}$/);
    expect(file.description).not.toBe("");
  });

  test("has panels with ids of their own, a title, a description, a unit, and a source by uid", () => {
    const ids = file.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const panel of panelsOf(file)) {
      expect(panel.title).not.toBe("");
      expect(panel.description).toMatch(/\.$/);
      if ("fieldConfig" in panel) expect(panel.fieldConfig.defaults.unit).toBeTypeOf("string");
      expect(["prometheus", "loki"]).toContain(panel.datasource?.uid);
      expect(panel.targets.length).toBeGreaterThan(0);
      expect(panel.targets.map(({ refId }) => refId)).toEqual(["A", "B", "C"].slice(0, panel.targets.length));
    }
  });

  test("lays its panels side by side, none over another", () => {
    const taken = new Set<string>();
    for (const { gridPos } of file.panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x} ${y}`)).toBe(false);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });
});

test("every series of a rule is one that a catalogue knows", () => {
  const read = metricsRead(watched);
  expect(read.filter((name) => !knownSeries.has(name))).toEqual([]);
  expect(read.length).toBeGreaterThan(40);
});

test("every series of a panel is one that a catalogue knows", () => {
  const read = specs.flatMap(({ rows }) => figuresOf(rows.flatMap(({ panels }) => panels))).flatMap(({ queries }) => queries.flatMap(({ expression }) => expression.metrics));
  expect(read.filter((name) => !knownSeries.has(name))).toEqual([]);
  expect(read.length).toBeGreaterThan(50);
});

test("a file is the dashboard, a line for each panel", () => {
  const texts = Object.entries(dashboardFiles(watched)).map(([name, { content }]) => [name, content.kind === "deferred" ? content.text() : ""] as const);
  expect(texts.map(([, text]) => JSON.parse(text))).toEqual(files);
  expect(texts.map(([name]) => name)).toEqual(files.map(({ uid }) => `${uid}.json`));
  for (const [index, [, text]] of texts.entries()) expect(text.match(/^ {2}\{.*\},?$/gm)).toHaveLength(files[index]?.panels.length ?? 0);
});

test("each service has one, and each alert leads to one that is there", () => {
  const uids = new Set(files.map(({ uid }) => uid));
  expect(uids.size).toBe(files.length);
  expect(watched.parts.filter(({ kind, name }) => kind !== "job" && !uids.has(`service-${name}`))).toEqual([]);
  expect(definitions.filter(({ dashboard }) => !uids.has(dashboard))).toEqual([]);
});

const system = specs.filter(({ uid }) => uid === "system-health").map(dashboardFile).flatMap(panelsOf);

test("a limit is drawn where the alert fires", () => {
  const memory = system.find(({ title }) => title === "Memory available");
  expect(memory?.fieldConfig?.defaults.thresholds?.steps).toEqual([{ value: null, color: "red" }, { value: thresholds.memoryFree.value, color: "green" }]);
});
