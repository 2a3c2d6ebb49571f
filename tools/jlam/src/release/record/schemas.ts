/** The schema contracts of our applications, from the migrations that they bring. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ResolvedEnvironment } from "@jlam/compose-dsl";
import { z } from "zod";
import { PersonError } from "../../terminal/failure.ts";
import type { SchemaContract } from "./release.ts";

/** Where an application keeps the list of its migrations, as `export const migrations`. */
const listOf = (root: string, application: string): string => join(root, "apps", application, "src", "database", "migrations", "index.ts");

const module = z.object({ migrations: z.array(z.object({ number: z.int().positive(), name: z.string(), phase: z.enum(["expand", "contract"]) })) });

/**
 * The contract of every application that has migrations, by its name: with the job that connects to the database as
 * its owner, which is the one that applies them.
 * @throws PersonError for migrations that no job of the environment applies, and for a list that can't be understood
 */
export async function schemasOf(root: string, environment: ResolvedEnvironment): Promise<Readonly<Record<string, SchemaContract>>> {
  const found: Record<string, SchemaContract> = {};
  for (const application of readdirSync(join(root, "apps")).sort()) {
    const path = listOf(root, application);
    if (!existsSync(path)) continue;
    const parsed = module.safeParse(await import(pathToFileURL(path).href));
    if (!parsed.success) throw new PersonError(`The migrations of ${application} can't be understood.`, { where: path, why: z.prettifyError(parsed.error), fix: "Export `migrations`: a list of { number, name, phase: \"expand\" | \"contract\" }." });
    const applied = migratingJob(environment, `apps/${application}`);
    if (!applied) throw new PersonError(`Nothing applies the migrations of ${application} in ${environment.name}.`, { where: path, fix: `Declare a job of the image of apps/${application} that connects to its database with \`as: "owner"\`.` });
    found[application] = { ...applied, steps: parsed.data.migrations.map(({ number, name, phase }) => ({ number, name, phase })) };
  }
  return found;
}

function migratingJob({ edges }: ResolvedEnvironment, folder: string): Pick<SchemaContract, "job" | "database"> | undefined {
  for (const { from, edge } of edges) {
    const { target } = edge;
    if (from.kind === "job" && from.image.kind === "build" && from.image.folder === folder && target.kind === "postgres" && edge.as === "owner") return { job: from.name, database: `${target.kind}-${target.name}` };
  }
  return undefined;
}
