import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const program = fileURLToPath(new URL("./changed-source.fixture.ts", import.meta.url));
const stackFile = "apps/web/stack.ts";
const Emitted = z.object({ errors: z.array(z.string()), files: z.record(z.string(), z.string()) });

/** What ci would be if apps/web/stack.ts said `to` in the one place where it says `from`. Without what is a hash of others. */
async function emitted(from: string, to: string): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await execa(process.execPath, [program, "ci", stackFile, from, to]);
  const { errors, files } = Emitted.parse(JSON.parse(stdout));
  expect(errors).toEqual([]);
  return Object.fromEntries(Object.entries(files).filter(([name]) => name !== "manifest.json").map(([name, text]) => [name, text.replaceAll(/nl\.jlam\.configuration: .*/g, "nl.jlam.configuration: …")]));
}

const differing = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): readonly string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]).toSorted();

const replaced = (files: Readonly<Record<string, string>>, old: RegExp, current: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replaceAll(old, current)]));

describe("one change in apps/web/stack.ts", { timeout: 120_000 }, () => {
  it.each([
    ["the port of its pages", "http: 3000", "http: 4711", /\b3000\b/g, "4711", ["files/traefik/etc/traefik/dynamic/web.yaml", "web.yaml"]],
    ["the port of its metrics", "metrics: 9464", "metrics: 4712", /\b9464\b/g, "4712", ["files/prometheus/etc/prometheus/prometheus.yml", "web.yaml"]],
    ["the path of its health check", '"/health"', '"/polsslag"', /\/health\b/g, "/polsslag", ["web.yaml"]],
  ])("changes every file that says it, and nothing else: %s", async (_, from, to, old, current, files) => {
    const [before, after] = await Promise.all([emitted(from, from), emitted(from, to)]);
    expect(after).toEqual(replaced(before, old, current));
    expect(differing(before, after)).toEqual(expect.arrayContaining(files));
  });

  it("leaves the old name of the service nowhere; a stack, an image and an entry point are called so too", async () => {
    const after = await emitted('service("web"', 'service("kiezel"');
    const left = Object.entries(after).flatMap(([name, text]) => text.split("\n").filter((line) => /(?<!\w)web(?!\w|-migrate)/.test(line)).map((line) => `${name}: ${line.trim()}`));
    expect([...new Set(left)].toSorted()).toEqual([
      "compose.yaml: - web.yaml",
      "files/traefik/etc/traefik/traefik.yml: web:",
      "web.yaml: # The stack web in ci.",
      "web.yaml: image: ${JLAM_IMAGE_WEB:-jlam/web:local}",
    ]);
    expect(Object.keys(after)).toContain("files/traefik/etc/traefik/dynamic/kiezel.yaml");
    expect(Object.keys(after)).not.toContain("files/traefik/etc/traefik/dynamic/web.yaml");
  });
});
