/** A platform in a folder of its own: a copy of the command line, and one environment to change at will. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { repositoryRoot } from "../synth/platform.ts";

/** Makes it, with `environment` as environments/trial/environment.ts; the folder goes when the test ends. */
export function platformWith(environment: string): string {
  const root = mkdtempSync(join(tmpdir(), "jlam-check-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  cpSync(join(repositoryRoot, "tools/jlam"), join(root, "tools/jlam"), { recursive: true, filter: (source) => !source.includes("node_modules") });
  for (const folder of ["node_modules", "tools/jlam/node_modules"]) symlinkSync(join(repositoryRoot, folder), join(root, folder));
  mkdirSync(join(root, "environments/trial"), { recursive: true });
  writeFileSync(join(root, "environments/trial/environment.ts"), environment);
  writeFileSync(join(root, "environments/package.json"), '{ "type": "module" }');
  return root;
}

/** The environment trial: one service with these `resources`. */
export const trial = (resources: string): string => `import { environment, exec, image, localAuthority, replaceableImages, service, stack } from "@jlam/compose-dsl";

const a = service("a", {
  owner: "team",
  image: image("a", "a:1"),
  health: exec(["true"]),
  resources: ${resources},
});

export default environment("trial", {
  domain: "trial.localhost",
  host: { memory: "1G", cpus: 1 },
  range: "10.208.0.0/12",
  publishing: { address: "127.0.0.1", http: 80, https: 443 },
  stacks: [stack("a", { services: [a] })],
  provides: [],
  certificates: localAuthority(),
  images: replaceableImages,
});
`;
