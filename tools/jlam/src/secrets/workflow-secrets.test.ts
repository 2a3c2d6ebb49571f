import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { repositoryRoot } from "../synth/platform.ts";

const list = z.object({ secrets: z.array(z.object({ name: z.string(), what: z.string() })) });
const workflows = join(repositoryRoot, ".github", "workflows");

/** Names of the secrets that workflows ask GitHub for, but for the token that GitHub makes itself. */
const asked = new Set(
  readdirSync(workflows).flatMap((file) => [...readFileSync(join(workflows, file), "utf8").matchAll(/\bsecrets\.([A-Z_]+)/g)].map(([, name]) => name)).filter((name) => name !== "GITHUB_TOKEN"),
);

test.each(["staging", "production"])("the workflows ask for what ci-secrets.json of %s lists, and for nothing else", (environment) => {
  const listed = list.parse(JSON.parse(readFileSync(join(repositoryRoot, "environments", environment, "generated", "ci-secrets.json"), "utf8")));
  expect([...asked].sort()).toEqual(listed.secrets.map(({ name }) => name).sort());
});
