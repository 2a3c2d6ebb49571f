import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { repositoryRoot } from "./platform.ts";

const program = fileURLToPath(new URL("./changed-source.fixture.ts", import.meta.url));
const stackFile = "apps/web/stack.ts";
const source = readFileSync(join(repositoryRoot, stackFile), "utf8");
const Emitted = z.object({ errors: z.array(z.string()), files: z.record(z.string(), z.string()) });

/** What the stack says now, so that the test changes whatever number or path stands there. */
function said(pattern: RegExp): string {
  const [, value] = pattern.exec(source) ?? [];
  if (value === undefined) throw new Error(`${stackFile} has nothing like ${String(pattern)}.`);
  return value;
}

const word = (text: string): RegExp => new RegExp(`${text.startsWith("/") ? "(?<![-/])" : "\\b"}${text}\\b`, "g");

/** What ci would be if a file of sources said `to` in the one place where it says `from`. Without what is a hash of others. */
async function emitted(from: string, to: string, file = stackFile): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await execa(process.execPath, [program, "ci", file, from, to]);
  const { errors, files } = Emitted.parse(JSON.parse(stdout));
  expect(errors).toEqual([]);
  return Object.fromEntries(Object.entries(files).filter(([name]) => name !== "manifest.json").map(([name, text]) => [name, text.replaceAll(/nl\.jlam\.configuration: .*/g, "nl.jlam.configuration: …")]));
}

const differing = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): readonly string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]).toSorted();

const replaced = (files: Readonly<Record<string, string>>, old: RegExp, current: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replaceAll(old, current)]));

describe("one change in apps/web/stack.ts", { timeout: 120_000 }, () => {
  const [pages, metrics, health] = [said(/\bhttp: (\d+)/), said(/\bmetrics: (\d+)/), said(/\bhealth: "(\/[^"]*)"/)];

  it.each([
    ["the port of its pages", `http: ${pages}`, "http: 4711", word(pages), "4711", ["files/traefik/etc/traefik/dynamic/web.yaml", "web.yaml"]],
    ["the port of its metrics", `metrics: ${metrics}`, "metrics: 4712", word(metrics), "4712", ["files/prometheus/etc/prometheus/prometheus.yml", "web.yaml"]],
    ["the path of its health check", `"${health}"`, '"/polsslag"', word(health), "/polsslag", ["web.yaml"]],
  ])("changes every file that says it, and nothing else: %s", async (_, from, to, old, current, files) => {
    const [before, after] = await Promise.all([emitted(from, from), emitted(from, to)]);
    expect(after).toEqual(replaced(before, old, current));
    expect(differing(before, after)).toEqual(expect.arrayContaining(files));
  });

  it("leaves the old name of the service nowhere; a stack, an image and an entry point are called so too", async () => {
    const after = await emitted('service("web"', 'service("kiezel"');
    const left = Object.entries(after).flatMap(([name, text]) => text.split("\n").filter((line) => /(?<!\w)web(?!\w|-migrate)/.test(line)).map((line) => `${name}: ${line.trim()}`));
    expect([...new Set(left)].toSorted()).toEqual([
      ".env.example: #JLAM_IMAGE_WEB=jlam/web:local",
      "compose.yaml: - web.yaml",
      "files/traefik/etc/traefik/traefik.yml: web:",
      "web.yaml: # The stack web in ci.",
      "web.yaml: image: ${JLAM_IMAGE_WEB:-jlam/web:local}",
    ]);
    expect(Object.keys(after)).toContain("files/traefik/etc/traefik/dynamic/kiezel.yaml");
    expect(Object.keys(after)).not.toContain("files/traefik/etc/traefik/dynamic/web.yaml");
  });
});

describe("one `signIn` in a stack file", { timeout: 120_000 }, () => {
  it("stands the wall before the service: Traefik, Authentik and its stand-in learn of it with no other edit", async () => {
    const file = "apps/monitoring/services/prometheus.ts";
    const signIn = /signIn: .*,/.exec(readFileSync(join(repositoryRoot, file), "utf8"))?.[0] ?? "";
    const [open, walled] = await Promise.all([emitted(signIn, "", file), emitted(signIn, signIn, file)]);
    const host = "metrics.jlam.localhost";
    const told = differing(open, walled).filter((name) => walled[name]?.includes(host) === true);
    expect(told).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^files\/authentik-.*applications\.yaml$/),
        "files/traefik/etc/traefik/dynamic/sign-in.yaml",
        "monitoring.yaml",
        "sign-in-stand-in.yaml",
      ]),
    );
    const middlewares = ({ "monitoring.yaml": text }: Readonly<Record<string, string>>): string | undefined => /prometheus-metrics\.middlewares: (.*)/.exec(text ?? "")?.[1];
    expect(middlewares(open)).not.toContain("sign-in@file");
    expect(middlewares(walled)).toContain("sign-in@file");
  });
});
