/** Asking the environment's databases from inside their containers, as an operator does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { secretPaths } from "../../../tools/jlam/src/secrets/provide.ts";
import { repositoryRoot } from "../../../tools/jlam/src/synth/platform.ts";
import { ci, containerId } from "./environment.ts";

/** Runs SQL in the application's database as its superuser, and gives the rows as psql prints them unaligned. */
export async function sql(text: string): Promise<string> {
  const { stdout } = await execa("docker", ["exec", "--interactive", await containerId("postgres-app"), "psql", "--username=postgres", "--dbname=app", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"], { input: text });
  return stdout;
}

/** The whole database as text. pg_dump writes a random word into `\restrict`, which is no data. */
export async function dump(): Promise<string> {
  const { stdout } = await execa("docker", ["exec", await containerId("postgres-app"), "pg_dump", "--username=postgres", "--dbname=app"]);
  return stdout.replace(/^\\(un)?restrict .*$/gm, "");
}

/** Runs one Redis command as the application; the password goes in by stdin, where nobody else sees it. */
export async function redis(command: string): Promise<string> {
  const password = readFileSync(join(secretPaths(repositoryRoot, ci.name).files, "web", "SESSIONS_PASSWORD"), "utf8").trim();
  const { stdout } = await execa("docker", ["exec", "--interactive", await containerId("redis-sessions"), "redis-cli"], { input: `AUTH application ${password}\n${command}\n` });
  return stdout.split("\n").slice(1).join("\n").trim();
}
